// A deadlock is seen at last when a thread that might have called in ends without a word.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive
// EXPECT: main
#include <garn.h>
#include <pthread.h>
#include <time.h>

static void *silent(void *arg)
{
	struct timespec ts = { 0, 50000000 };
	nanosleep(&ts, NULL);
	return arg;
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	pthread_t t;
	pthread_create(&t, NULL, silent, NULL);
	return chan_recv(c);
}
