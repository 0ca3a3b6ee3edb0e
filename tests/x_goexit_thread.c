// garn_goexit on a thread that runs no goroutine.
// EXPECT: fatal error: garn_goexit: called on a thread that runs no goroutine
// EXPECT: thread
// EXPECT: [not a goroutine]:
// EXPECT: thread_function
// EXPECT: x_goexit_thread.c:13
#include <garn.h>
#include <pthread.h>

static void *thread_function(void *arg)
{
	(void)arg;
	garn_goexit();
}

int main(void)
{
	pthread_t t;
	pthread_create(&t, NULL, thread_function, NULL);
	pthread_join(t, NULL);
	return 0;
}
