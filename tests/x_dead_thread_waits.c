// A thread that runs no goroutine and waits in garn itself is no hope for anybody.
// FLAGS: -DHOW=0
// FLAGS: -DHOW=1
// FLAGS: -DHOW=2
// FLAGS: -DHOW=3
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive
// EXPECT: main
#include "test.h"

#include <garn.h>
#include <pthread.h>

static chan(int) never;
static garn_mutex mu;
static garn_cond cond;

static void *thread(void *arg)
{
	chan(int) first = arg;
	int v;
	chan_send(first, 1); // wakes main, or is woken
	switch (HOW) {
	case 0: chan_recv(never); break;
	case 1: usleep(20000); garn_mutex_lock(&mu); break; // when all others have been asleep for long
	case 2:
		garn_mutex_lock(&mu);
		garn_cond_wait(&cond, &mu);
		break;
	case 3: chan_select(on_recv(never, &v), on_recv(first, &v)); break;
	}
	return NULL;
}

int main(void)
{
	chan(int) first = chan_make(int, 0);
	pthread_t t;
	never = chan_make(int, 0);
	if (HOW == 1)
		garn_mutex_lock(&mu);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(pthread_create(&t, NULL, thread, (void *)first), 0);
		chan_recv(first);
	}
	return chan_recv(never);
}
