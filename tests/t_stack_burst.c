// After a burst of goroutines, all parked at once, memory falls back to where it began: stacks, page tables and descriptors, within 8 MB.
// A second burst, on what was given back, is as good as the first.
// PROCS: 2 8
// SAN: no-address no-thread (their own memory grows)
#include "t_memory.h"
#include "t_sync.h"

enum { N = T_SCALED(50000) };
static garn_waitgroup wg, all;
static garn_sem gate;

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
	long most = t_memory_kb();
	for (int i = 0; i < N; i++)
		garn_sem_release(&gate);
	garn_waitgroup_wait(&wg);
	return most;
}

int main(void)
{
	garn_sleep(GARN_MS(10));
	long before = t_memory_kb();
	for (int round = 0; round < 2; round++) {
		long most = burst(), now = t_await_memory(before + 8192);
		CHECK(most > before + N / 4 * 4);
		printf("%ld kB, %ld with %d parked, then %ld\n", before, most, N, now);
		CHECK(now <= before + 8192);
	}
	return 0;
}
