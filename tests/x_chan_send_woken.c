// Close wakes a waiting sender, who dies: the trace is the sender's.
// EXPECT: panic: send on closed channel
// EXPECT: [running]:
// EXPECT: sender
// EXPECT: x_chan_send_woken.c:13
// EXPECT: created by main in goroutine 1
// EXPECT: x_chan_send_woken.c:19
// REJECT: goroutine 1 [
#include <garn.h>

static void sender(chan(int) c)
{
	chan_send(c, 1);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	go(sender, c);
	garn_sleep(GARN_MS(20));
	chan_close(c);
	garn_sleep(GARN_S(10));
	return 0;
}
