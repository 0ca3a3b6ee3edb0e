// go from C++: every form that can be called, its arguments as a plain call would pass them.
// FLAGS: -O2 -Wpedantic
// FLAGS: -O0
// FLAGS: -O3 -std=gnu++20
// FLAGS: -O2 -fPIC
#include "test.h"

#include <garn.h>

#include <array>
#include <cstdarg>
#include <functional>
#include <string>
#include <type_traits>

static chan(int) done;
static garn_waitgroup wg;

static void ok()
{
	garn_waitgroup_done(&wg);
}

// Each go is followed by a wait, so that what it refers to is still there.
#define RUN(...)                              \
	do {                                  \
		garn_waitgroup_add(&wg, 1);   \
		go(__VA_ARGS__);              \
		garn_waitgroup_wait(&wg);     \
	} while (0)

struct pair {
	int a;
	double b;
};
struct big {
	long v[28];
};
enum class colour : short { red = 7 };
struct number { // converts both ways
	int v;
	number(int n) : v(n) {}
	operator int() const { return v; }
};

static void none() { ok(); }
static void quiet() noexcept { ok(); }
static void widths(char c, signed char sc, unsigned short us, int i, unsigned u, long l, unsigned long long ull, bool b)
{
	CHECK(c == 'c' && sc == -1 && us == 65535 && i == -2 && u == 4000000000u && l == -3 && ull == ~0ull && b);
	ok();
}
static void floats(float f, double d, long double ld)
{
	CHECK(f == 1.5f && d == 2 && ld == 3);
	ok();
}
static void structs(pair p, big b, colour c, std::array<short, 3> s)
{
	CHECK(p.a == 1 && p.b == 2.5 && b.v[0] == 3 && b.v[27] == 4 && c == colour::red && s[2] == 9);
	ok();
}
static void pointers(const char *s, int *p, void (*f)(), const int *a)
{
	CHECK_STR(s, "text");
	CHECK(p == nullptr && f == none && a[1] == 12);
	ok();
}
static void byref(const pair &p, int &&n)
{
	CHECK(p.a == 1 && p.b == 2 && n == 3);
	ok();
}
static void changes(int &n)
{
	n++;
	ok();
}
static void text(std::string s, const std::string &t)
{
	CHECK(s == "a string longer than the short one" && t == "t");
	ok();
}
static void converted(number n, long l)
{
	CHECK(n.v == 4 && l == 5);
	ok();
}
static int result(int n)
{
	ok();
	return n;
}
static big bigresult(int n)
{
	ok();
	return big{ { n } };
}
static std::string stringresult()
{
	ok();
	return std::string(1000, 'x');
}
[[noreturn]] static void forever()
{
	ok();
	garn_goexit();
}
static void variadic(int n, ...)
{
	va_list ap;
	va_start(ap, n);
	CHECK_EQ(va_arg(ap, int), 'c');
	CHECK(va_arg(ap, double) == 1.5);
	CHECK_STR(va_arg(ap, const char *), "text");
	CHECK(va_arg(ap, double) == 2.5);
	va_end(ap);
	ok();
}
template <class T> static void generic(T a, T b)
{
	CHECK(a == b);
	ok();
}
static void over(int n)
{
	CHECK_EQ(n, 3);
	ok();
}
static void over(double d)
{
	CHECK(d == 2);
	ok();
}

struct meter {
	int n = 0;
	void add(int by)
	{
		n += by;
		ok();
	}
	int get() const noexcept
	{
		int is = n;
		ok();
		return is;
	}
	void operator()(long by)
	{
		n += static_cast<int>(by);
		ok();
	}
	virtual void method(double d) { n = static_cast<int>(d); }
	virtual ~meter() = default;
};
struct metre : meter {
	void method(double d) override
	{
		n = static_cast<int>(2 * d);
		ok();
	}
	void twice()
	{
		RUN([this] { add(1); });
		RUN([this](int by) { add(by); }, 2);
		RUN(&metre::add, this, 3);
	}
};

static const big lots = [] {
	big b{};
	b.v[0] = 3;
	b.v[27] = 4;
	return b;
}();

static void functions()
{
	void (*fp)() = none;
	void (*const cfp)() noexcept = quiet;
	int zero = 0;
	double minus = -3.9, more = 4.5;
	const int arr[2] = { 11, 12 };
	RUN(none);
	RUN(&none);
	RUN(fp);
	RUN(*fp);
	RUN(cfp);
	RUN(forever);
	RUN(widths, 'c', -1, 65535, -2, 4000000000u, -3, ~0ull, 5);
	RUN(widths, 'c', static_cast<short>(-1), -1, -2ll, -294967296, minus, -1, &zero);
	RUN(floats, 1.5, 2, 3);
	RUN(floats, 1.5f, 2.0f, 3.0f);
	RUN(structs, { 1, 2.5 }, lots, colour::red, { 7, 8, 9 });
	RUN(pointers, "text", nullptr, none, arr);
	RUN(pointers, "text", NULL, &none, &arr[0]);
	RUN(pointers, "text", 0, *none, arr);
	RUN(byref, { 1, 2 }, 3);
	int n = 3;
	RUN(byref, pair{ 1, 2 }, std::move(n));
	RUN(changes, std::ref(n));
	CHECK_EQ(n, 4);
	RUN(text, "a string longer than the short one", "t");
	RUN(converted, 4, 5);
	RUN(converted, more, number(5));
	RUN(result, 1);
	RUN(bigresult, 1);
	RUN(stringresult);
	RUN(variadic, 1, 'c', 1.5f, "text", 2.5);
	RUN(generic<long>, 2, 2L);
	RUN(static_cast<void (*)(double)>(over), 2);
	RUN(static_cast<void (*)(int)>(over), -minus);
}

static void callables()
{
	metre m;
	int n = 1, *p = &n;
	meter plain;
	RUN(&meter::add, &m, 3);
	CHECK_EQ(m.n, 3);
	RUN(&meter::add, std::ref(m), '\1');
	CHECK_EQ(m.n, 4);
	RUN(&meter::get, &m);
	RUN(&meter::method, static_cast<meter *>(&m), 4);
	CHECK_EQ(m.n, 8);
	RUN(std::ref(m), 2);
	CHECK_EQ(m.n, 10);
	m.twice();
	CHECK_EQ(m.n, 16);
	RUN([] { ok(); });
	RUN([p] { ++*p, ok(); });
	RUN([&n](int a, double b) { n += a + static_cast<int>(b), ok(); }, 1, 2.5f);
	CHECK_EQ(n, 5);
	RUN([n](auto a) mutable { CHECK(++n == a), ok(); }, 6L);
	CHECK_EQ(n, 5);
	RUN([](std::array<char, 200> a, std::array<char, 40> b) { CHECK(a[199] == 1 && b[39] == 2), ok(); },
	    [] { std::array<char, 200> a{}; a[199] = 1; return a; }(), [] { std::array<char, 40> a{}; a[39] = 2; return a; }());
	RUN([](std::nullptr_t z, const char *s) { CHECK(z == nullptr && s[1] == 'b'), ok(); }, nullptr, "ab");
	RUN(std::plus<int>(), (ok(), 1), 2); // arguments are evaluated before, by the caller
	static_cast<void>(plain);
}

// By the caller, once each, before the goroutine exists; and copied: what changes later is not seen.
static void evaluation()
{
	int n = 1;
	pair p = { 1, 1 };
	uint64_t me = garn_goid(), seen = 0;
	auto once = [&] { seen = garn_goid(); return ++n; };
	garn_waitgroup_add(&wg, 1);
	go([](int a, pair q, int m) { CHECK(a == 2 && q.a == 1 && m == 2), ok(); }, once(), p, n);
	n = 5;
	p.a = 5;
	garn_waitgroup_wait(&wg);
	CHECK_EQ(seen, me);
	for (int i = 0; i < 100; i++) {
		garn_waitgroup_add(&wg, 1);
		go([i](int j) { chan_send(done, i - j), ok(); }, i);
	}
	garn_waitgroup_wait(&wg);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(chan_recv(done), 0);
}

struct alignas(16) lanes {
	double v[2];
};

static void attributes()
{
	garn_waitgroup_add(&wg, 4);
	go_with(garn_attr(.stack = GARN_MB(4), .name = "large"), [] {
		volatile char room[3 << 20];
		for (size_t i = 0; i < sizeof(room); i += 4096)
			room[i] = 1;
		ok();
	});
	go_with(garn_attr(.name = "named"), result, 2);
	go_with({ GARN_KB(64), "small" }, [] { ok(); });
	garn_attr at = garn_attr(.stack = GARN_KB(64));
	go_with(at, [](lanes l) {
		CHECK_EQ(reinterpret_cast<uintptr_t>(&l) % 16, 0);
		CHECK(l.v[1] == 2);
		ok();
	}, lanes{ { 1, 2 } });
	garn_waitgroup_wait(&wg);
}

int main()
{
	done = chan_make(int, 100);
	functions();
	callables();
	evaluation();
	attributes();
	chan_unref(done);
	return 0;
}
