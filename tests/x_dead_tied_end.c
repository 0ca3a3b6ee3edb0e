// A deadlock is seen when the last to run was tied to its thread, which went with it.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive
// EXPECT: main
#include <garn.h>

static void tied(chan(int) c)
{
	garn_lock_os_thread();
	chan_send(c, 1);
	garn_sleep(GARN_MS(5));
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	go(tied, c);
	chan_recv(c);
	return chan_recv(c);
}
