// a: two goroutines yield to each other; the unit is one switch.
#include "bench.h"

static void yielder(long n, long *count, garn_waitgroup *wg)
{
	for (long i = 0; i < n; i++) {
		garn_yield();
		++*count;
	}
	garn_waitgroup_done(wg);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 2000000);
	garn_waitgroup wg = {0};
	long x = 0, y = 0;
	int64_t start = garn_now();
	garn_waitgroup_add(&wg, 2);
	go(yielder, n, &x, &wg);
	go(yielder, n, &y, &wg);
	garn_waitgroup_wait(&wg);
	must("a_yield", x == n && y == n);
	report("a_yield", start, 2 * n);
	return 0;
}
