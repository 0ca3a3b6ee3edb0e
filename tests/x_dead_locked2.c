// The same when another goroutine is tied, after both have run and handed threads to and fro.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive, locked to thread]:
// EXPECT: [chan send, locked to thread]:
// EXPECT: tied
#include <garn.h>

static void tied(chan(int) c, chan(int) d)
{
	garn_lock_os_thread();
	for (int i = 0; i < 100; i++)
		chan_send(c, i);
	chan_send(d, 1);
}

int main(void)
{
	chan(int) c = chan_make(int, 0), d = chan_make(int, 0);
	garn_lock_os_thread();
	go(tied, c, d);
	for (int i = 0; i < 101; i++)
		chan_recv(c);
	return 0;
}
