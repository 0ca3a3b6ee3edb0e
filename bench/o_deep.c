// o: recursion to 1 MB of stack in a fresh goroutine, which then ends; the unit is one goroutine.
#include "bench.h"

enum { DEPTH = 1024 }; // frames of 1 KB

__attribute__((noinline)) static int down(int n)
{
	char b[1000] = {0};
	b[n & 511] = 1;
	__asm__ volatile("" : : "r"(b) : "memory");
	int sum = n > 1 ? down(n - 1) : 0;
	return sum + b[n & 511];
}

static void task(garn_waitgroup *wg)
{
	must("o_deep", down(DEPTH) == DEPTH);
	garn_waitgroup_done(wg);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 10000);
	garn_waitgroup wg = {0};
	int64_t start = garn_now();
	for (long i = 0; i < n; i++) {
		garn_waitgroup_add(&wg, 1);
		go_with(garn_attr(.stack = GARN_KB(1920)), task, &wg);
		garn_waitgroup_wait(&wg);
	}
	report("o_deep", start, n);
	return 0;
}
