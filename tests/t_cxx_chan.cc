// Channels and select from C++: every call, by value, with the types a program has.
// FLAGS: -O2 -Wpedantic
// FLAGS: -O0 -std=gnu++20
#include "test.h"

#include <garn.h>

#include <array>
#include <utility>

struct pair {
	int a;
	double b;
};
struct nodefault {
	explicit nodefault(int n) : v(n) {}
	int v;
};
struct ring { // a channel of itself
	chan(ring) back;
	int v;
};
struct nothing {};
struct cell {
	char c[300];
};

static void producer(chan(int) out, int n)
{
	for (int i = 0; i < n; i++)
		chan_send(out, i);
	chan_close(out);
	chan_unref(out);
}

static void stream(size_t cap)
{
	auto c = chan_make(int, cap);
	CHECK_EQ(chan_cap(c), cap);
	CHECK_EQ(chan_len(c), 0);
	const int n = T_SCALED(1000);
	go(producer, chan_ref(c), n);
	int v = -1, sum = 0;
	while (chan_recv_ok(c, &v))
		CHECK_EQ(v, sum++);
	CHECK_EQ(sum, n);
	CHECK_EQ(v, 0);
	CHECK_EQ(chan_recv(c), 0);
	CHECK(!chan_recv_ok(c, nullptr));
	CHECK(chan_try_recv(c, &v));
	chan_unref(c);
}

template <class T, class Eq> static void values(const T &x, Eq same)
{
	for (size_t cap = 0; cap < 3; cap++) {
		auto c = garn::chan_make<T>(cap);
		CHECK(!c == false);
		go([](chan(T) to, T v) {
			chan_send(to, v);
			CHECK_EQ(chan_select(on_send(to, v)), 0);
			chan_close(to);
			chan_unref(to);
		}, chan_ref(c), x);
		CHECK(same(chan_recv(c), x));
		alignas(T) unsigned char room[sizeof(T)];
		T *v = reinterpret_cast<T *>(room);
		bool ok = false;
		CHECK_EQ(chan_select(on_recv(c, v, &ok)), 0);
		CHECK(ok && same(*v, x));
		CHECK_EQ(chan_select(on_recv(c, v, &ok)), 0);
		CHECK(!ok);
		chan_unref(c);
	}
}

static void tries()
{
	auto c = chan_make(pair, 1);
	pair p = { 0, 0 };
	CHECK(!chan_try_recv(c, &p));
	CHECK(chan_try_send(c, { 1, 2 }));
	CHECK(!chan_try_send(c, p));
	CHECK_EQ(chan_len(c), 1);
	CHECK(chan_try_recv(c, &p) && p.a == 1 && p.b == 2);
	chan_unref(c);

	// null: the try calls fail, clauses never fire
	chan(int) null;
	int v;
	CHECK(!null && null == nullptr && !chan_try_recv(null, &v) && !chan_try_send(null, 1));
	CHECK(chan_len(null) == 0 && chan_cap(null) == 0);
	CHECK_EQ(chan_select(on_recv(null, &v), on_send(null, 1), on_default), 2);
	CHECK_EQ(chan_select(on_recv(null, &v), on_timeout(GARN_US(10))), 1);
}

static void selects()
{
	auto a = chan_make(int, 1);
	auto b = chan_make(pair, 1);
	int v = 0;
	bool ok = true;
	pair p = { 0, 0 };
	CHECK_EQ(chan_select(on_recv(a, &v), on_recv(b, &p, &ok), on_default), 2);
	CHECK_EQ(chan_select(on_recv(a, &v), on_send(b, { 3, 4 })), 1);
	CHECK_EQ(chan_select(on_recv(a, &v), on_recv(b, &p, &ok)), 1);
	CHECK(p.a == 3 && p.b == 4 && ok);
	short s = 5;
	CHECK_EQ(chan_select(on_send(a, s), on_timeout(GARN_S(10))), 0); // converted
	CHECK_EQ(chan_select(on_recv(a, NULL), on_timeout(GARN_S(10))), 0); // dropped
	CHECK_EQ(chan_len(a), 0);
	int64_t start = garn_now();
	CHECK_EQ(chan_select(on_recv(a, &v), on_timeout(GARN_MS(2))), 1);
	CHECK(garn_now() - start >= GARN_MS(2));
	chan_close(a);
	CHECK_EQ(chan_select(on_recv(a, &v, &ok)), 0);
	CHECK(!ok && v == 0);
	garn_case cases[] = { { GARN_CASE_RECV, b.raw(), &p, &ok, 0 }, { GARN_CASE_RECV, a.raw(), nullptr, nullptr, 0 } };
	CHECK_EQ(garn_select(cases, 2), 1);
	chan_unref(a);
	chan_unref(b);
}

// The value of a send waits with its select; its reader sees it when it comes.
static void waiting()
{
	auto c = chan_make(cell, 0);
	auto quit = chan_make(int, 0);
	go([](chan(cell) to, chan(int) q) {
		for (char i = 0; i < 20; i++) {
			cell x;
			memset(&x, i, sizeof(x));
			CHECK_EQ(chan_select(on_recv(q, nullptr), on_send(to, x)), 1);
		}
		CHECK_EQ(chan_select(on_recv(q, nullptr), on_send(to, cell{})), 0);
		chan_send(q, 1);
	}, c, quit);
	for (char i = 0; i < 20; i++) {
		garn_sleep(GARN_US(50));
		cell x = chan_recv(c);
		CHECK(x.c[0] == i && x.c[299] == i);
	}
	chan_send(quit, 1);
	CHECK_EQ(chan_recv(quit), 1);
	chan_unref(c);
	chan_unref(quit);
}

static void times()
{
	int64_t start = garn_now();
	auto c = garn_after(GARN_MS(1));
	CHECK(chan_recv(c) >= start + GARN_MS(1));
	chan_unref(c);
	garn_ticker k = {};
	chan(int64_t) t = garn_ticker_start(&k, GARN_US(500));
	for (int i = 0; i < 3; i++)
		CHECK(chan_recv(t) >= start);
	garn_ticker_stop(&k);
}

int main()
{
	stream(0);
	stream(1);
	stream(10);
	values(-7, [](int a, int b) { return a == b; });
	values('c', [](char a, char b) { return a == b; });
	values(2.5L, [](long double a, long double b) { return a == b; });
	values(pair{ 1, 2 }, [](pair a, pair b) { return a.a == b.a && a.b == b.b; });
	values(nodefault(3), [](nodefault a, nodefault b) { return a.v == b.v; });
	values(nothing(), [](nothing, nothing) { return true; });
	values(std::array<short, 3>{ { 1, 2, 3 } }, [](auto a, auto b) { return a == b; });
	values(ring{ nullptr, 4 }, [](ring a, ring b) { return a.v == b.v && a.back == b.back; });
	values(&tries, [](auto a, auto b) { return a == b; });
	tries();
	selects();
	waiting();
	times();
	return 0;
}
