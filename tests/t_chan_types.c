// Element types: structs, brace literals, unions, floats, nothing at all, pointers to functions and to arrays, 64 KB;
// whole and unmixed through the buffer, from sender to receiver, and through select.
// FLAGS: -O0
// FLAGS: -O2
#include "t_sync.h"
#include <complex.h>

struct pair {
	const char *word;
	uint64_t length;
};
struct odd {
	char c[7];
};
struct empty {
};
struct big {
	uint32_t v[16384];
};
typedef int (*fn)(int);
typedef int (*row)[3];

static int twice(int x) { return 2 * x; }
static int thrice(int x) { return 3 * x; }

// a goroutine that sends back what it gets
#define ECHO(T, name)                             \
	static void name(chan(T) in, chan(T) out) \
	{                                         \
		__typeof__(T) v;                  \
		while (chan_recv_ok(in, &v)) {    \
			__typeof__(T) w = v;      \
			chan_send(out, w);        \
		}                                 \
		chan_close(out);                  \
	}
ECHO(struct pair, echo_pair)
ECHO(struct odd, echo_odd)
ECHO(struct empty, echo_empty)
ECHO(struct big *, echo_bigp)
ECHO(double complex, echo_complex)
ECHO(fn, echo_fn)
ECHO(row, echo_row)
ECHO(char, echo_char)
ECHO(int (*)[3], echo_row2)
ECHO(bool, echo_bool)
ECHO(chan(int), echo_chan)

static struct big *make_big(uint32_t seed)
{
	struct big *b = malloc(sizeof *b);
	for (uint32_t i = 0; i < 16384; i++)
		b->v[i] = seed + i * 2654435761u;
	return b;
}

static void check_big(const struct big *b, uint32_t seed)
{
	for (uint32_t i = 0; i < 16384; i++)
		CHECK_EQ(b->v[i], seed + i * 2654435761u);
}

static void echo_big(chan(struct big) in, chan(struct big) out)
{
	struct big *b = malloc(sizeof *b);
	while (chan_recv_ok(in, b))
		chan_send(out, *b);
	for (uint32_t i = 0; i < 16384; i++)
		CHECK_EQ(b->v[i], 0); // the end zeroes it all
	free(b);
	chan_close(out);
}

static void structs(int cap)
{
	chan(struct pair) a = chan_make(struct pair, cap), b = chan_make(struct pair, cap);
	struct pair p = { "one", 3 };
	go(echo_pair, a, b);
	chan_send(a, p);
	CHECK_EQ(chan_recv(b).length, 3);
	chan_send(a, { "seven", 5 });
	p = chan_recv(b);
	CHECK_STR(p.word, "seven");
	CHECK_EQ(p.length, 5);
	chan_send(a, { .length = 9 });
	CHECK(chan_recv_ok(b, &p));
	CHECK(p.word == NULL);
	CHECK_EQ(p.length, 9);
	chan_send(a, (struct pair){ "eight", 5 });
	CHECK_STR(chan_recv(b).word, "eight");
	// two words stay together, also in select
	for (uint64_t i = 0; i < 200; i++) {
		bool ok = false;
		CHECK_EQ(chan_select(on_send(a, { NULL, i })), 0);
		CHECK_EQ(chan_select(on_recv((chan(int))NULL, NULL), on_recv(b, &p, &ok)), 1);
		CHECK(ok && p.word == NULL && p.length == i);
	}
	chan_close(a);
	CHECK(!chan_recv_ok(b, &p));
	CHECK(p.word == NULL && p.length == 0);
	CHECK(chan_recv(b).word == NULL);
	chan_unref(a);
	chan_unref(b);

	chan(struct odd) c = chan_make(struct odd, cap), d = chan_make(struct odd, cap);
	go(echo_odd, c, d);
	struct { struct odd before, it, after; } three;
	memset(&three, 'x', sizeof three);
	for (int i = 0; i < 20; i++) {
		chan_send(c, { "abcdef" });
		CHECK(chan_recv_ok(d, &three.it));
		CHECK_STR(three.it.c, "abcdef");
		CHECK_EQ(three.before.c[6], 'x');
		CHECK_EQ(three.after.c[0], 'x');
	}
	chan_close(c);
	CHECK(!chan_recv_ok(d, &three.it));
	CHECK(three.it.c[6] == 0 && three.after.c[0] == 'x' && three.before.c[6] == 'x');
	chan_unref(c);
	chan_unref(d);
}

static void nothing(int cap)
{
	chan(struct empty) a = chan_make(struct empty, cap), b = chan_make(struct empty, cap);
	struct empty e;
	go(echo_empty, a, b);
	for (int i = 0; i < 20; i++) {
		chan_send(a, {});
		chan_recv(b);
		chan_send(a, e);
		CHECK(chan_recv_ok(b, &e));
		CHECK_EQ(chan_select(on_send(a, {})), 0);
		CHECK_EQ(chan_select(on_recv(b, &e)), 0);
	}
	// as a semaphore of cap
	chan(struct empty) sem = chan_make(struct empty, cap);
	for (int i = 0; i < cap; i++)
		CHECK(chan_try_send(sem, {}));
	CHECK(!chan_try_send(sem, {}));
	CHECK_EQ(chan_len(sem), cap);
	chan_close(a);
	CHECK(!chan_recv_ok(b, &e));
	chan_unref(a);
	chan_unref(b);
	chan_unref(sem);
}

static void pointers(int cap)
{
	chan(fn) a = chan_make(fn, cap), b = chan_make(fn, cap);
	go(echo_fn, a, b);
	chan_send(a, twice);
	CHECK_EQ(chan_recv(b)(21), 42);
	chan_send(a, thrice);
	fn f = chan_recv(b);
	CHECK(f == thrice);
	chan_close(a);
	CHECK(chan_recv(b) == NULL);
	chan_unref(a);
	chan_unref(b);

	static int table[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
	chan(row) c = chan_make(row, cap), d = chan_make(row, cap);
	go(echo_row, c, d);
	chan_send(c, &table[1]);
	CHECK_EQ((*chan_recv(d))[2], 6);
	chan_close(c);
	CHECK(chan_recv(d) == NULL);
	chan_unref(c);
	chan_unref(d);

	chan(int (*)[3]) e = chan_make(int (*)[3], cap), g = chan_make(int (*)[3], cap);
	go(echo_row2, e, g);
	CHECK_EQ(chan_select(on_send(e, table)), 0);
	CHECK_EQ(chan_recv(g)[1][0], 4);
	chan_close(e);
	chan_recv(g);
	chan_unref(e);
	chan_unref(g);

	chan(chan(int)) h = chan_make(chan(int), cap), i = chan_make(chan(int), cap);
	chan(int) in = chan_make(int, 1);
	go(echo_chan, h, i);
	chan_send(in, 5);
	chan_send(h, in);
	CHECK_EQ(chan_recv(chan_recv(i)), 5);
	chan_close(h);
	chan_recv(i);
	chan_unref(h);
	chan_unref(i);
	chan_unref(in);
}

static void numbers(int cap)
{
	chan(double complex) a = chan_make(double complex, cap), b = chan_make(double complex, cap);
	go(echo_complex, a, b);
	chan_send(a, 1.5 + 2.5 * I);
	double complex z = chan_recv(b);
	CHECK(creal(z) == 1.5 && cimag(z) == 2.5);
	chan_close(a);
	CHECK(creal(chan_recv(b)) == 0);
	chan_unref(a);
	chan_unref(b);

	chan(char) c = chan_make(char, cap), d = chan_make(char, cap);
	go(echo_char, c, d);
	char around[3] = { 'x', 'y', 'z' };
	for (int i = -128; i < 128; i++) {
		chan_send(c, i);
		CHECK(chan_recv_ok(d, &around[1]));
		CHECK_EQ((signed char)around[1], i);
		CHECK(around[0] == 'x' && around[2] == 'z');
	}
	chan_close(c);
	chan_recv(d);
	chan_unref(c);
	chan_unref(d);

	chan(bool) e = chan_make(bool, cap), f = chan_make(bool, cap);
	go(echo_bool, e, f);
	chan_send(e, 256); // converted as by assignment
	CHECK_EQ(chan_recv(f), 1);
	chan_close(e);
	chan_recv(f);
	chan_unref(e);
	chan_unref(f);
}

static void large(int cap)
{
	chan(struct big) a = chan_make(struct big, cap), b = chan_make(struct big, cap);
	go_with((garn_attr){ .stack = GARN_MB(1) }, echo_big, a, b);
	struct big *x = make_big(1), *y = malloc(sizeof *y);
	for (uint32_t i = 0; i < 20; i++) {
		for (uint32_t j = 0; j < 16384; j++)
			x->v[j] = i + j * 2654435761u;
		chan_send(a, *x);
		memset(x, 0xee, sizeof *x); // it is ours again
		if (i % 2 == 0)
			CHECK(chan_recv_ok(b, y));
		else
			CHECK_EQ(chan_select(on_recv(b, y)), 0);
		check_big(y, i);
	}
	chan_close(a);
	CHECK(!chan_recv_ok(b, y));
	CHECK_EQ(y->v[16383], 0);
	free(x);
	free(y);
	chan_unref(a);
	chan_unref(b);

	chan(struct big *) c = chan_make(struct big *, cap), d = chan_make(struct big *, cap);
	go(echo_bigp, c, d);
	x = make_big(77);
	chan_send(c, x);
	y = chan_recv(d);
	CHECK(x == y);
	check_big(y, 77);
	free(y);
	chan_close(c);
	CHECK(chan_recv(d) == NULL);
	chan_unref(c);
	chan_unref(d);
}

// Received values that nobody wants.
static void discarded(int cap)
{
	chan(struct pair) c = chan_make(struct pair, cap + 1);
	bool ok = false;
	for (int i = 0; i < 3; i++) {
		chan_send(c, { "x", 1 });
		CHECK_EQ(chan_select(on_recv(c, NULL)), 0);
		chan_send(c, { "x", 1 });
		CHECK_EQ(chan_select(on_recv(c, NULL, &ok)), 0);
		CHECK(ok);
		chan_send(c, { "x", 1 });
		CHECK(chan_recv_ok(c, NULL));
		chan_send(c, { "x", 1 });
		CHECK(chan_try_recv(c, NULL));
	}
	chan_close(c);
	CHECK_EQ(chan_select(on_recv(c, NULL, &ok)), 0);
	CHECK(!ok);
	CHECK(!chan_recv_ok(c, NULL));
	CHECK(chan_try_recv(c, NULL));
	chan_unref(c);
}

int main(void)
{
	for (int cap = 0; cap < 3; cap++) {
		structs(cap);
		nothing(cap);
		pointers(cap);
		numbers(cap);
		large(cap);
		discarded(cap);
	}
	return 0;
}
