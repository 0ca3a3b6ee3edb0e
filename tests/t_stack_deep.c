// Growth in place: recursion 100 MB deep, and what lies in all these frames; of 1 GB, with frames of 1 MB of which little is
// touched. Others hold pointers into the stack meanwhile, write through them, and the goroutine sees it at its return.
// TIMEOUT: 120
#include "test.h"

#include <garn.h>

enum { SMALL = 8000, LARGE = 1 << 20 };

static garn_waitgroup wg;

struct frame {
	long n;
	struct frame *up;
	char fill[SMALL - 16];
};

static size_t left(void *here)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	return (size_t)((char *)here - (char *)lo);
}

__attribute__((noinline)) static long down(struct frame *up, long n)
{
	struct frame f = { n, up, { 0 } };
	memset(f.fill, (int)n, sizeof f.fill);
	long deepest = left(&f) > 3 * SMALL ? down(&f, n + 1) : n;
	CHECK(f.n == n && f.up == up && f.fill[0] == (char)n && f.fill[sizeof f.fill - 1] == (char)n);
	return deepest;
}

static void deep(size_t bytes)
{
	long n = down(NULL, 1);
	CHECK((size_t)n * SMALL > bytes - bytes / 16);
	garn_waitgroup_done(&wg);
}

__attribute__((noinline)) static long leap(long n)
{
	volatile char big[LARGE];
	big[0] = (char)n;
	big[LARGE - 1] = (char)n;
	long deepest = left((void *)big) > LARGE + 3 * SMALL ? leap(n + 1) : n;
	CHECK(big[0] == (char)n && big[LARGE - 1] == (char)n);
	return deepest;
}

static void wide(void)
{
	CHECK(leap(1) >= 1022);
	garn_waitgroup_done(&wg);
}

// ---- pointers that others hold

struct lent {
	long value;
	garn_waitgroup written;
};

static void writes(chan(struct lent *) in)
{
	struct lent *l;
	while (chan_recv_ok(in, &l)) {
		l->value = l->value * 2 + 1;
		garn_waitgroup_done(&l->written);
	}
	chan_unref(in);
}

__attribute__((noinline)) static void lends(chan(struct lent *) to, int depth)
{
	struct lent mine = { .value = depth };
	char fill[2000];
	memset(fill, depth, sizeof fill);
	garn_waitgroup_add(&mine.written, 1);
	if (depth % 2)
		chan_send(to, &mine); // written to while the stack grows below
	if (depth > 0)
		lends(to, depth - 1);
	if (depth % 2 == 0)
		chan_send(to, &mine); // when it has been deeper
	garn_waitgroup_wait(&mine.written);
	CHECK_EQ(mine.value, depth * 2 + 1);
	for (size_t i = 0; i < sizeof fill; i++)
		CHECK_EQ(fill[i], (char)depth);
}

static void lender(void)
{
	chan(struct lent *) to = chan_make(struct lent *, 3);
	go(writes, chan_ref(to));
	lends(to, 79);
	chan_close(to);
	chan_unref(to);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	garn_waitgroup_add(&wg, 1);
	go_with(garn_attr(.stack = GARN_MB(100)), deep, GARN_MB(100));
	garn_waitgroup_wait(&wg);

	size_t was = garn_set_max_stack(GARN_MB(100));
	garn_waitgroup_add(&wg, 2);
	go(deep, GARN_MB(100)); // on the stack of the first, most likely
	go(deep, GARN_MB(100));
	garn_set_max_stack(was);
	garn_waitgroup_wait(&wg);

	garn_waitgroup_add(&wg, 1);
	go_with(garn_attr(.stack = GARN_MB(1024)), wide);
	garn_waitgroup_wait(&wg);

	garn_waitgroup_add(&wg, 8);
	for (int i = 0; i < 8; i++)
		go(lender);
	garn_waitgroup_wait(&wg);
	return 0;
}
