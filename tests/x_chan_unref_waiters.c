// The last reference goes while somebody waits inside.
// EXPECT: fatal error: chan_unref: the last reference is gone and goroutines still wait on the channel
// EXPECT: goroutine 1 [running]:
// EXPECT: main
// EXPECT: x_chan_unref_waiters.c:18
#include <garn.h>

static void waiter(chan(int) c)
{
	chan_recv(c);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	go(waiter, c);
	garn_sleep(GARN_MS(20));
	chan_unref(c);
	return 0;
}
