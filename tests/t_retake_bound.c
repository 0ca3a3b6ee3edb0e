// GARN_MAXHOGS: no more goroutines compute at the same moment than there are processors, and so many beyond that; those that sleep do not
// count, and are not limited. All end. (A hog that sleeps for a moment, for a page perhaps, may be taken for one of those.)
// ENV: GARN_MAXHOGS=2
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 // RUSAGE_THREAD
#endif
#include "t_retake.h"
#include <sys/resource.h>

enum { HOGS = 24, SLEEPERS = 20 };
static garn_waitgroup wg;
static uint32_t running, most, slept; // A
static pthread_barrier_t asleep;

static long sleeps(void)
{
	struct rusage u;
	CHECK_EQ(getrusage(RUSAGE_THREAD, &u), 0);
	return u.ru_nvcsw;
}

static void hog(void)
{
	long before = sleeps();
	uint32_t n = ADD(running, 1), was = GET(most);
	while (n > was && !__atomic_compare_exchange_n(&most, &was, n, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	t_spin(100000000);
	ADD(running, -1);
	if (sleeps() != before)
		ADD(slept, 1);
	garn_waitgroup_done(&wg);
}

// All at once, or none of them goes on.
static void sleeper(void)
{
	pthread_barrier_wait(&asleep);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	CHECK_EQ(pthread_barrier_init(&asleep, NULL, SLEEPERS), 0);
	garn_waitgroup_add(&wg, HOGS + SLEEPERS);
	for (int i = 0; i < HOGS; i++)
		go(hog);
	for (int i = 0; i < SLEEPERS; i++)
		go(sleeper);
	garn_waitgroup_wait(&wg);
	printf("%u at once, %u slept\n", GET(most), GET(slept));
	CHECK(GET(most) <= (uint32_t)garn_gomaxprocs(0) + 2 + GET(slept));
	return 0;
}
