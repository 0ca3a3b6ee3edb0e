// Threads that were needed for goroutines asleep in the kernel are let go when these have ended, after some seconds: all
// but a few. A goroutine that is alive keeps those on which it has parked: its pointer to a thread-local variable stays good.
// TIMEOUT: 120
#include "t_retake.h"

enum { N = T_SCALED(1000), KEPT = 20 };
static garn_waitgroup wg;
static pthread_barrier_t all;
static __thread int mine;

static void meets(void)
{
	pthread_barrier_wait(&all);
	garn_waitgroup_done(&wg);
}

// Keeps a pointer into its first thread, and goes on elsewhere.
static void keeps(chan(int) c)
{
	char path[50];
	int *volatile p = &mine; // or it would be asked for again below
	pthread_barrier_wait(&all);
	*p = 7;
	snprintf(path, sizeof path, "/proc/self/task/%d", t_tid());
	chan_recv(c);
	CHECK_EQ(access(path, F_OK), 0);
	CHECK_EQ(*p, 7);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	CHECK_EQ(pthread_barrier_init(&all, NULL, N + 1), 0);
	garn_waitgroup_add(&wg, N);
	for (int i = 0; i < N; i++)
		if (i < KEPT)
			go(keeps, c);
		else
			go(meets);
	pthread_barrier_wait(&all); // all threads are there
	int most = t_threads();
	CHECK(most > N);
	while (t_threads() > most / 4 + 20)
		usleep(100000); // not a park: this thread is enough
	chan_close(c);
	garn_waitgroup_wait(&wg);
	chan_unref(c);
	return 0;
}
