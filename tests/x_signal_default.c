// After the stop a signal does what it did: by default, it ends the process.
// EXPECT: still here
// REJECT: not any more
// STATUS: 138
#include <garn.h>
#include <signal.h>
#include <stdio.h>

int main(void)
{
	chan(int) c = garn_notify(SIGUSR1);
	raise(SIGUSR1);
	chan_recv(c);
	fputs("still here\n", stderr);
	garn_notify_stop(c);
	raise(SIGUSR1);
	fputs("not any more\n", stderr);
	return 0;
}
