// A deadlock is seen after Ps were taken away, and tied threads and many others have come and gone.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive
// EXPECT: main
#include <garn.h>

static void tied(chan(int) c)
{
	garn_lock_os_thread();
	garn_yield();
	chan_send(c, 1);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	for (int i = 1; i < 20; i++) {
		garn_gomaxprocs(i % 5 + 1);
		go(tied, c);
		go(tied, c);
		chan_recv(c);
		chan_recv(c);
	}
	garn_gomaxprocs(2);
	return chan_recv(c);
}
