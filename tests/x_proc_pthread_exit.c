// pthread_exit in a goroutine would take away the thread of all: it dies, saying so.
// SAN: no-thread (TSan's own pthread_exit knows no fibers, and gives up first)
// EXPECT: fatal error: pthread_exit in a goroutine
#include <garn.h>
#include <pthread.h>

static void leaves(void)
{
	pthread_exit(NULL);
}

int main(void)
{
	go(leaves);
	garn_sleep(GARN_S(20));
	return 0;
}
