// h: fib(30) with a goroutine for every call, 2.69 million, joined by a waitgroup; the unit is one goroutine.
#include "bench.h"

static void fib(long n, long *result, garn_waitgroup *parent)
{
	if (n < 2) {
		*result = n;
	} else {
		long a, b;
		garn_waitgroup wg = {0};
		garn_waitgroup_add(&wg, 2);
		go(fib, n - 1, &a, &wg);
		go(fib, n - 2, &b, &wg);
		garn_waitgroup_wait(&wg);
		*result = a + b;
	}
	garn_waitgroup_done(parent);
}

static long plain(long n)
{
	long a = 0, b = 1;
	for (; n > 0; n--) {
		long next = a + b;
		a = b;
		b = next;
	}
	return a;
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 30);
	garn_waitgroup wg = {0};
	long result = -1;
	int64_t start = garn_now();
	garn_waitgroup_add(&wg, 1);
	go(fib, n, &result, &wg);
	garn_waitgroup_wait(&wg);
	must("h_fib", result == plain(n));
	report("h_fib", start, 2 * plain(n + 1) - 1);
	return 0;
}
