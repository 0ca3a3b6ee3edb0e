// A deadlock is seen when a thread that runs no goroutine came and went before.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive
// EXPECT: main
#include <garn.h>
#include <pthread.h>

static void *calls(void *arg)
{
	chan_send((chan(int))arg, 1);
	return NULL;
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	pthread_t t;
	for (int i = 0; i < 5; i++) {
		pthread_create(&t, NULL, calls, (void *)c);
		chan_recv(c);
		pthread_join(t, NULL);
	}
	return chan_recv(c);
}
