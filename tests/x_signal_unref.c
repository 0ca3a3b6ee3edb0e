// The channel of a notification is its own: who drops it too early learns who drops it.
// EXPECT: fatal error: chan_unref: this channel is garn_notify's, and garn_notify_stop drops it
// EXPECT: main
#include <garn.h>
#include <signal.h>

int main(void)
{
	chan_unref(garn_notify(SIGUSR1));
	return 0;
}
