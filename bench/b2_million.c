// b2: start a million goroutines that add to an atomic, then wait for all; the unit is one goroutine.
#include "bench.h"

#include <stdatomic.h>

static void task(_Atomic long *sum, garn_waitgroup *wg)
{
	atomic_fetch_add(sum, 1);
	garn_waitgroup_done(wg);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 1000000);
	garn_waitgroup wg = {0};
	_Atomic long sum = 0;
	int64_t start = garn_now();
	garn_waitgroup_add(&wg, (int)n);
	for (long i = 0; i < n; i++)
		go(task, &sum, &wg);
	garn_waitgroup_wait(&wg);
	must("b2_million", sum == n);
	report("b2_million", start, n);
	return 0;
}
