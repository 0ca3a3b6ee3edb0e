// The same in main, which as a plain program's may well do that to let its threads go on.
// EXPECT: fatal error: pthread_exit in a goroutine
#include <garn.h>
#include <pthread.h>

int main(void)
{
	garn_yield();
	pthread_exit(NULL);
}
