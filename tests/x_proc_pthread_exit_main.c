// The same in main, which as a plain program's may well do that to let its threads go on.
// SAN: no-thread (TSan's own pthread_exit knows no fibers, and gives up first)
// EXPECT: fatal error: pthread_exit in a goroutine
#include <garn.h>
#include <pthread.h>

int main(void)
{
	garn_yield();
	pthread_exit(NULL);
}
