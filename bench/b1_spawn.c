// b1: start a goroutine that does nothing, wait for its end; the unit is one start and join.
#include "bench.h"

static void task(long *count, garn_waitgroup *wg)
{
	++*count;
	garn_waitgroup_done(wg);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 1000000);
	garn_waitgroup wg = {0};
	long count = 0;
	int64_t start = garn_now();
	for (long i = 0; i < n; i++) {
		garn_waitgroup_add(&wg, 1);
		go(task, &count, &wg);
		garn_waitgroup_wait(&wg);
	}
	must("b1_spawn", count == n);
	report("b1_spawn", start, n);
	return 0;
}
