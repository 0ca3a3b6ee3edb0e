// A notification is stopped once.
// EXPECT: fatal error: garn_notify_stop: not a channel of garn_notify, or stopped already
// EXPECT: main
#include <garn.h>
#include <signal.h>

int main(void)
{
	chan(int) c = garn_notify(SIGUSR1), mine = chan_ref(c);
	garn_notify_stop(c);
	garn_notify_stop(mine);
	return 0;
}
