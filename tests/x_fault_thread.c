// A bad pointer on a thread that runs no goroutine.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV
// EXPECT: thread
// EXPECT: [not a goroutine]:
// EXPECT: thread_function
// EXPECT: x_fault_thread.c:15
// REJECT: goroutine 1
#include <garn.h>
#include <pthread.h>

static void *thread_function(void *arg)
{
	*(volatile int *)arg = 1;
	return NULL;
}

int main(void)
{
	pthread_t t;
	pthread_create(&t, NULL, thread_function, (void *)8);
	pthread_join(t, NULL);
	return 0;
}
