// A mistake on a thread that runs no goroutine is traced as a thread's.
// EXPECT: panic: close of closed channel
// EXPECT: thread
// EXPECT: [not a goroutine]:
// EXPECT: thread_function
// EXPECT: x_thread_mistake.c:16
// REJECT: goroutine 1
#include <garn.h>
#include <pthread.h>

static void *thread_function(void *arg)
{
	chan(int) c = chan_make(int, 0);
	(void)arg;
	chan_close(c);
	chan_close(c);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pthread_create(&t, NULL, thread_function, NULL);
	pthread_join(t, NULL);
	return 0;
}
