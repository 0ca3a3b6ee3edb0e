// Everything a C++ program may write, without a warning.
// COMPILE: c++17 c++20
#include <garn.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <type_traits>

struct pair {
	int a;
	double b;
};
struct node { // a channel of something not complete yet
	chan(node) next;
	int v;
};
struct nodefault {
	explicit nodefault(int n) : v(n) {}
	int v;
};
struct meter {
	int n;
	void add(int by) { n += by; }
	int get() const noexcept { return n; }
	void operator()(long by) { n += static_cast<int>(by); }
};
enum class colour { red, green };

// A handle is what C has: one pointer, passed in a register.
static_assert(sizeof(chan(int)) == sizeof(void *) && std::is_trivially_copyable_v<chan(int)> &&
              std::is_standard_layout_v<chan(int)>);
static_assert(!std::is_convertible_v<chan(int), chan(long)> && !std::is_convertible_v<chan(int), bool>);
static_assert(std::is_same_v<decltype(chan_recv(chan(short)())), short>);
static_assert(std::is_same_v<decltype(garn_after(1)), chan(int64_t)>);

static void none() {}
static void quiet() noexcept {}
static int many(int a, double b, const char *s, pair p) { return a + static_cast<int>(b) + s[0] + p.a; }
static void pointers(int *p, const void *q, void (*f)()) { static_cast<void>(p), static_cast<void>(q), f(); }
static void byref(const pair &p, int &&n) { static_cast<void>(p), static_cast<void>(n); }
static void changes(int &n) { n++; }
static void text(std::string s) { static_cast<void>(s); }
static void textref(const std::string &s) { static_cast<void>(s); }
[[nodiscard]] static int needed(int n) { return n; }
[[noreturn]] static void forever() { garn_goexit(); }
static void tint(colour c) { static_cast<void>(c); }
template <class T> static void generic(T a, T b) { static_cast<void>(a), static_cast<void>(b); }
void over(int);
void over(double);
static void defaults(int a, int = 2) { static_cast<void>(a); }
extern "C" int cprintf(const char *fmt, ...);

void spawning(meter &m, const pair &p, void (*fp)(), int (*const cfp)(int));
void spawning(meter &m, const pair &p, void (*fp)(), int (*const cfp)(int))
{
	int n = 1;
	const int big[3] = { 1, 2, 3 };
	auto local = [](int a) { static_cast<void>(a); };
	go(none);
	go(&none);
	go(*fp);
	go(fp);
	go(quiet);
	go(forever);
	go(many, 1, 2, "three", pair{ 4, 5.0 });
	go(many, 1, 2, "three", { 4, 5.0 }); // as in a plain call
	go(many, 'a', 2.5f, "three", p);
	go(pointers, nullptr, NULL, none);
	go(pointers, &n, big, nullptr);
	go(byref, p, 2);
	go(byref, { 1, 2.0 }, std::move(n));
	go(changes, std::ref(n));
	go(text, "a string of its own");
	go(textref, "the same");
	go(needed, 3);
	go(cfp, 3);
	go(tint, colour::red);
	go(generic<long>, 1, 2L);
	go(static_cast<void (*)(double)>(over), 1);
	go(defaults, 1, 2);
	go(cprintf, "%d %f %s\n", 1, 2.0f, "three");
	go(local, 1);
	go([] {});
	go([n, &m](long by) mutable { n++, m.add(static_cast<int>(by)); }, 4);
	go([](auto a, auto b) { return a + b; }, 1, 2.5);
	go([=]() noexcept { static_cast<void>(p); });
	go(&meter::add, &m, 3);
	go(&meter::get, &m);
	go(&meter::add, std::ref(m), 'c');
	go(m, 5);
	go(std::ref(m), 5);
	go(std::array<long, 30>{}.empty() ? none : fp);
	go([](std::array<long, 30>) {}, std::array<long, 30>{});
	go_with(garn_attr(.stack = GARN_MB(8), .name = "named"), many, 1, 2, "three", pair{ 4, 5.0 });
	go_with(garn_attr(.stack = GARN_MB(8)), none);
	go_with(garn_attr(.name = "named"), [] {});
	go_with({ GARN_MB(8), "named" }, none);
	garn_attr at = garn_attr(.stack = GARN_KB(64));
	at.name = "named";
	go_with(at, changes, std::ref(n));
	garn_go(none);
	garn_go_with(at, none);
}

int channels(chan(int) c, chan(pair) p, chan(node) list, chan(std::array<int, 4>) arrays, chan(chan(int)) handles);
int channels(chan(int) c, chan(pair) p, chan(node) list, chan(std::array<int, 4>) arrays, chan(chan(int)) handles)
{
	static chan(int) kept; // null until made
	chan(int) null = nullptr, old = NULL;
	int v = 0;
	bool ok = false;
	short s = 3;
	pair out = { 0, 0 };
	chan(nodefault) nd = chan_make(nodefault, 0);
	garn::chan<int> same = chan_make(int, s);
	auto wide = garn::chan_make<std::array<int, 4>>(4);

	kept = same;
	chan_send(c, s);
	chan_send(c, 'x');
	chan_send(p, { 1, 2.0 });
	chan_send(p, pair{ 1, 2 });
	chan_send(list, { list, 3 });
	chan_send(handles, c);
	chan_send(chan_recv(handles), 1);
	chan_send(nd, nodefault(4));
	v += chan_recv(c) + chan_recv(nd).v + chan_recv(arrays)[0] + chan_recv(list).v;
	out = chan_recv(p);
	if (chan_recv_ok(c, &v) && chan_recv_ok(c, NULL) && chan_recv_ok(p, nullptr) && chan_try_send(c, 2) &&
	    chan_try_send(p, { 1, 2 }) && chan_try_recv(p, &out) && chan_try_recv(c, NULL))
		v++;
	if (c && c != null && old == nullptr && !kept)
		v++;
	switch (chan_select(on_recv(c, &v), on_recv(p, &out, &ok), on_recv(c, NULL), on_recv(c, nullptr, &ok),
	                    on_send(c, s), on_send(p, { 1, 2 }), on_send(handles, c), on_timeout(GARN_MS(50)), on_default)) {
	case 0:
		v += static_cast<int>(chan_len(c) + chan_cap(p));
		break;
	default:
		chan_close(c);
		chan_unref(chan_ref(p));
		chan_unref(wide);
	}
	garn_case cases[2] = { { GARN_CASE_RECV, c.raw(), &v, &ok, 0 }, { GARN_CASE_DEFAULT, nullptr, nullptr, nullptr, 0 } };
	v += garn_select(cases, 2);
	garn_ticker k = {};
	chan(int64_t) ticks = garn_ticker_start(&k, GARN_MS(1));
	v += static_cast<int>(chan_recv(ticks));
	garn_ticker_stop(&k);
	chan(int) quit = garn_notify(15);
	garn_notify_stop(quit);
	chan(int64_t) once = garn_after(GARN_US(1));
	chan_unref(once);
	garn_chan_of(int) by = garn_make(int, 1);
	garn_send_chan(by, 1);
	v += garn_recv_chan(by) + static_cast<int>(garn_len(by) + garn_cap(by));
	v += garn_try_send(by, 2) + garn_recv_ok(by, &v) + garn_try_recv(by, &v);
	v += garn_select_cases(garn_case_recv(by, &v), garn_case_send(by, 1), garn_case_timeout(1), garn_case_default);
	garn_close_chan(by);
	garn_unref(garn_ref(by));
	if (v == 12345)
		return chan_select(); // for ever
	return v + out.a;
}

// The rest of the header, as C++ sees it.
int others();
int others()
{
	garn_mutex m = {};
	garn_waitgroup wg = {};
	garn_timer t = {};
	static garn_once once;
	garn_mutex_lock(&m);
	garn_mutex_unlock(&m);
	garn_waitgroup_add(&wg, 0);
	garn_waitgroup_wait(&wg);
	garn_once_do(&once, [] {});
	garn_timer_start(&t, GARN_MS(1), [](void *) {}, nullptr);
	garn_timer_stop(&t);
	errno = 0;
	return errno + garn_gomaxprocs(0) + (garn_set_max_stack(GARN_KB(100)) > 0);
}
