// No thread is to be had, and the only one there is sleeps until a timer: what a thread that is none of ours starts has to be run by
// it, and now, not when the timer is due.
// ENV: GARN_FAIL=thread:3+
#include "t_sync.h"

static chan(int) c;

static void hello(int n)
{
	chan_send(c, n);
}

static void *foreign(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++) {
		for (int calm = 0; calm < 4; calm = t_all_asleep() ? calm + 1 : 0)
			usleep(100);
		go(hello, i);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;
	int v, sum = 0;
	c = chan_make(int, 0);
	CHECK_EQ(pthread_create(&t, NULL, foreign, NULL), 0);
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(GARN_S(3600))), 0);
		sum += v; // two may come in any order
	}
	CHECK_EQ(sum, 10);
	CHECK_EQ(pthread_join(t, NULL), 0);
	chan_unref(c);
	return 0;
}
