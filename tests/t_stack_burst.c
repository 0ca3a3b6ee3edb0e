// After a burst of goroutines, all parked at once, memory falls back to where it began: stacks, page tables and descriptors, within 8 MB.
// A second burst, on what was given back, is as good as the first.
// PROCS: 2 8
// SAN: no-address no-thread (their own memory grows)
#include "t_sync.h"

enum { N = T_SCALED(50000) };
static garn_waitgroup wg, all;
static garn_sem gate;

static long status(const char *key)
{
	char line[256];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");
	CHECK(f != NULL);
	while (kb < 0 && fgets(line, sizeof line, f))
		if (strncmp(line, key, strlen(key)) == 0)
			kb = atol(line + strlen(key));
	fclose(f);
	CHECK(kb >= 0);
	return kb;
}

static long memory(void)
{
	return status("VmRSS:") + status("VmPTE:");
}

__attribute__((noinline)) static int touch(int n)
{
	volatile char a[3000];
	memset((char *)a, n, sizeof a);
	return a[n % 3000];
}

static void parked(int n)
{
	volatile int mine[8];
	for (int i = 0; i < 8; i++)
		mine[i] = n + i;
	touch(n);
	garn_waitgroup_done(&all);
	garn_sem_acquire(&gate);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(mine[i], n + i);
	garn_waitgroup_done(&wg);
}

static long burst(void)
{
	garn_waitgroup_add(&wg, N);
	garn_waitgroup_add(&all, N);
	for (int i = 0; i < N; i++)
		go(parked, i);
	garn_waitgroup_wait(&all);
	long most = memory();
	for (int i = 0; i < N; i++)
		garn_sem_release(&gate);
	garn_waitgroup_wait(&wg);
	return most;
}

int main(void)
{
	garn_sleep(GARN_MS(10));
	long before = memory();
	for (int round = 0; round < 2; round++) {
		long most = burst(), now = 0;
		CHECK(most > before + N / 4 * 4);
		for (int i = 0; i < 600; i++) {
			garn_sleep(GARN_MS(100));
			now = memory();
			if (now <= before + 8192)
				break;
		}
		printf("%ld kB, %ld with %d parked, then %ld\n", before, most, N, now);
		CHECK(now <= before + 8192);
	}
	return 0;
}
