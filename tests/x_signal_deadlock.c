// When nobody listens for signals any more, waiting for ever is a deadlock again.
// TIMEOUT: 20
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
#include <garn.h>
#include <signal.h>

int main(void)
{
	chan(int) c = garn_notify(SIGUSR1), d = garn_notify(SIGUSR1), mine = chan_ref(d);
	raise(SIGUSR1);
	chan_recv(c);
	chan_recv(d);
	garn_notify_stop(c);
	garn_notify_stop(d);
	chan_recv(mine);
	return 0;
}
