// f2: a hundred goroutines, one mutex; the unit is one lock and unlock.
#include "bench.h"

static void worker(garn_mutex *mu, long *count, long n, garn_waitgroup *wg)
{
	for (long i = 0; i < n; i++) {
		garn_mutex_lock(mu);
		++*count;
		garn_mutex_unlock(mu);
	}
	garn_waitgroup_done(wg);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 20000000) / 100;
	garn_mutex mu = {0};
	garn_waitgroup wg = {0};
	long count = 0;
	int64_t start = garn_now();
	garn_waitgroup_add(&wg, 100);
	for (int i = 0; i < 100; i++)
		go(worker, &mu, &count, n, &wg);
	garn_waitgroup_wait(&wg);
	must("f2_mutex100", count == 100 * n);
	report("f2_mutex100", start, 100 * n);
	return 0;
}
