// Who made a goroutine, when it was a thread that runs none: the function, and no number.
// EXPECT: panic: send on closed channel
// EXPECT: [running]:
// EXPECT: mistake
// EXPECT: created by thread_function
// EXPECT: x_trace_created_thread.c:20 +0x
// REJECT: in goroutine
#include <garn.h>
#include <pthread.h>

static void mistake(void)
{
	chan(int) c = chan_make(int, 0);
	chan_close(c);
	chan_send(c, 1);
}

static void *thread_function(void *arg)
{
	go(mistake);
	return arg;
}

int main(void)
{
	pthread_t t;
	pthread_create(&t, NULL, thread_function, NULL);
	pthread_join(t, NULL);
	garn_sleep(GARN_S(10));
	return 0;
}
