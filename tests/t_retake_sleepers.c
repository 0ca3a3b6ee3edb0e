// 1,000 goroutines in plain sleep(1) at the same time, beside a ticker. They do not wait for each other: half of them
// sleep in pairs, each of a pair until the other has slept, which would never end one after the other.
#include "t_retake.h"

enum { N = T_SCALED(1000) };
static garn_waitgroup wg;
static pthread_barrier_t all;

static void sleeper(void)
{
	int tid = t_tid();
	sleep(1);
	CHECK_EQ(tid, t_tid());
	garn_waitgroup_done(&wg);
}

// All are in it at once, or none comes out.
static void meets(void)
{
	pthread_barrier_wait(&all);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	go(t_ticking);
	garn_waitgroup_add(&wg, N);
	for (int i = 0; i < N; i++)
		go(sleeper);
	t_ticks(TICKS);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(pthread_barrier_init(&all, NULL, N), 0);
	garn_waitgroup_add(&wg, N);
	for (int i = 0; i < N; i++)
		go(meets);
	t_ticks(TICKS);
	garn_waitgroup_wait(&wg);
	SET(over, 1);
	while (garn_num_goroutines() > 1)
		garn_sleep(GARN_MS(1));
	return 0;
}
