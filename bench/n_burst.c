// n: start a million goroutines that each touch 3 KB of their stack and end: the most memory that takes, resident pages at their
// peak and page tables.
#include "bench.h"

__attribute__((noinline)) static int touch(int n)
{
	char b[3072];
	memset(b, n, sizeof b);
	__asm__ volatile("" : : "r"(b) : "memory");
	return b[n & 1023];
}

static void task(int n, garn_waitgroup *wg)
{
	must("n_burst", touch(n) == (char)n);
	garn_waitgroup_done(wg);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 1000000);
	garn_waitgroup wg = {0};
	int64_t before = memory();
	garn_waitgroup_add(&wg, (int)n);
	for (long i = 0; i < n; i++)
		go(task, (int)i, &wg);
	garn_waitgroup_wait(&wg);
	reportvalue("n_burst", status("VmHWM:") + status("VmPTE:") - before);
	return 0;
}
