// Goroutines that once went deep and now wait give back the pages below: memory falls, and what is on their stacks stays as it was. It happens
// again after the next deep day.
// PROCS: 2
// SAN: no-address no-thread no-hard (nothing is given back under them, or their own memory grows; or it is before one can look)
#include "t_sync.h"

enum { N = T_SCALED(500), DEEP = 100 << 10 };
static garn_waitgroup wg, parked;
static garn_sem gate[2]; // of each round its own: a quick one must not take another's turn

static long rss(void)
{
	long pages = -1, resident = -1;
	FILE *f = fopen("/proc/self/statm", "r");
	CHECK(f != NULL);
	CHECK_EQ(fscanf(f, "%ld %ld", &pages, &resident), 2);
	fclose(f);
	return resident * 4;
}

__attribute__((noinline)) static int deep(int n)
{
	volatile char a[1000];
	memset((char *)a, n, sizeof a);
	int sum = n > 0 ? deep(n - 1) : 0;
	return sum + a[n];
}

static void diver(int n)
{
	volatile int mine[64];
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 64; i++)
			mine[i] = n * 64 + i + round;
		deep(DEEP / 1024);
		garn_waitgroup_done(&parked);
		garn_sem_acquire(&gate[round]);
		for (int i = 0; i < 64; i++)
			CHECK_EQ(mine[i], n * 64 + i + round);
	}
	garn_waitgroup_done(&wg);
}

int main(void)
{
	garn_waitgroup_add(&wg, N);
	garn_waitgroup_add(&parked, N);
	long before = rss();
	for (int i = 0; i < N; i++)
		go(diver, i);
	for (int round = 0; round < 2; round++) {
		garn_waitgroup_wait(&parked);
		garn_waitgroup_add(&parked, N);
		long most = rss(), now = most, left = (long)N * (DEEP / 1024) / 4; // some are trimmed before the others have been down
		for (int i = 0; i < 300 && now > before + left; i++) {
			garn_sleep(GARN_MS(100));
			now = rss();
		}
		printf("%ld kB with %d that went %d deep, then %ld\n", most, N, DEEP, now);
		CHECK(now <= before + left);
		for (int i = 0; i < N; i++)
			garn_sem_release(&gate[round]);
	}
	garn_waitgroup_wait(&wg);
	return 0;
}
