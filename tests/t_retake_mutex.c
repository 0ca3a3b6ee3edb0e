// Goroutines started by thousands by one that holds the pthread mutex they all want: it goes on, against their will to wait
// for it on the processor; each gets it once.
#include "t_retake.h"

enum { N = T_SCALED(3000) };
static pthread_mutex_t pm = PTHREAD_MUTEX_INITIALIZER;
static garn_waitgroup wg;
static uint64_t got; // under pm

static void wants(void)
{
	CHECK_EQ(pthread_mutex_lock(&pm), 0);
	got++;
	CHECK_EQ(pthread_mutex_unlock(&pm), 0);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	garn_waitgroup_add(&wg, N);
	CHECK_EQ(pthread_mutex_lock(&pm), 0);
	for (int i = 0; i < N; i++)
		go(wants);
	CHECK_EQ(got, 0);
	CHECK_EQ(pthread_mutex_unlock(&pm), 0);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(got, N);
	return 0;
}
