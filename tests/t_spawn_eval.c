// The arguments of go, and the function itself, are evaluated once, by the caller, before the goroutine exists; go can
// stand wherever a statement or a void expression can, also inside its own arguments.
// FLAGS: -O2
// FLAGS: -O0
// FLAGS: -O2 -std=c11 -Wpedantic -Werror
#include "test.h"

#include <garn.h>

static garn_waitgroup wg;
static uint64_t evaluator;
static int evaluated;

static int eval(int n)
{
	CHECK_EQ(++evaluated, n);
	evaluator = garn_goid();
	return n;
}

static void takes(int a, int b, int c)
{
	CHECK(a == 1 && b == 2 && c == 3);
	garn_waitgroup_done(&wg);
}

static void (*fn(void))(int, int, int)
{
	evaluated += 100;
	return takes;
}

static void value(const int *where, int was, chan(int) changed)
{
	chan_recv(changed);
	CHECK_EQ(was, 7);
	CHECK_EQ(*where, 8);
	garn_waitgroup_done(&wg);
}

static void count(int *n, int add)
{
	__atomic_fetch_add(n, add, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

static int starts(int *n, int add)
{
	garn_waitgroup_add(&wg, 1);
	go(count, n, add);
	return add;
}

// Many arguments on the stack, each of which starts a goroutine whose own lie in the same place.
struct wide {
	long v[12];
};
static void wides(struct wide a, struct wide b, int c, int *n)
{
	CHECK(a.v[0] == 1 && a.v[11] == 2 && b.v[0] == 3 && b.v[11] == 4 && c == 5);
	count(n, 1);
}
static struct wide make(long first, long last, int *n)
{
	struct wide a = { { 9 } }, b = { { 9 } };
	a.v[0] = 1, a.v[11] = 2, b.v[0] = 3, b.v[11] = 4;
	garn_waitgroup_add(&wg, 1);
	go(wides, a, b, 5, n);
	a.v[0] = first;
	a.v[11] = last;
	return a;
}

static void once(void)
{
	int i = 0, j = 1, arr[4] = { 0 }, *p = arr, *q = arr + 2;
	garn_waitgroup_add(&wg, 3);
	evaluated = 0;
	go(takes, i++ + eval(1), ++j, 3);
	CHECK(i == 1 && j == 2);
	CHECK_EQ(evaluated, 1);
	CHECK_EQ(evaluator, garn_goid());
	go(fn(), 1, 2, 3);
	CHECK_EQ(evaluated, 101);
	go_with(garn_attr(.name = "x", .stack = (size_t)(GARN_KB(64) + 0 * (evaluated += 1000))), fn(), 1, 2, 3);
	CHECK_EQ(evaluated, 1201);
	garn_waitgroup_wait(&wg);

	int n = 0;
	garn_waitgroup_add(&wg, 1);
	go(count, (*p++ = 1, &n), *q++ = 5);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(p - arr, 1);
	CHECK_EQ(q - arr, 3);
	CHECK_EQ(n, 5);
}

// What changes after go is not seen by the goroutine: it has copies.
static void copies(void)
{
	int n = 7;
	chan(int) changed = chan_make(int, 0);
	garn_waitgroup_add(&wg, 1);
	go(value, &n, n, changed);
	n = 8;
	chan_send(changed, 1);
	garn_waitgroup_wait(&wg);
	chan_unref(changed);
}

static void places(void)
{
	int n = 0;
	garn_waitgroup_add(&wg, 12);
	if (n == 0)
		go(count, &n, 1);
	else
		go(count, &n, 100);
	go(count, &n, 1), go(count, &n, 1);
	for (int i = 0; i < 3; i++, go(count, &n, 1))
		;
	int other = 0;
	other == 12345 ? go(count, &n, 100) : go(count, &n, 1);
	other != 12345 ? go(count, &n, 1) : (void)0;
	while (go(count, &n, 1), 0)
		;
	switch (other) {
	default:
		go(count, &n, 1);
		break;
	case 12345:
		go(count, &n, 100);
	}
	{
		int garn_v_0 = 1, p = 1, r = 1, a = 1, fn = 1, w = 1, ch = 1; // no name of go's own
		go(count, &n, garn_v_0 + p + r + a + fn + w + ch - 6);
		go_with(garn_attr(.name = "n"), count, &n, garn_v_0 + p + r + a + fn + w + ch - 6);
	}
	garn_waitgroup_wait(&wg);
	CHECK_EQ(n, 12);
}

static void inside(void)
{
	int n = 0;
	garn_waitgroup_add(&wg, 5);
	go(count, &n, starts(&n, 1) + starts(&n, 2));
	go(count, &n, (go(count, &n, 10), 20));
	go(wides, make(1, 2, &n), make(3, 4, &n), 5, &n);
	go_with(garn_attr(.name = (starts(&n, 100), "name")), count, &n, starts(&n, 200));
	garn_waitgroup_wait(&wg);
	CHECK_EQ(n, 1 + 2 + 3 + 10 + 20 + 1 + 1 + 1 + 100 + 200 + 200);
}

int main(void)
{
	for (int i = 0; i < T_SCALED(50); i++) {
		once();
		copies();
		places();
		inside();
	}
	return 0;
}
