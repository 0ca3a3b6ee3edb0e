// Signals that every thread of the program blocks come to the channel all the same, while there is one; then they wait again.
// EMBED
#include "test.h"

#include <garn.h>
#include <signal.h>

static bool ispending(int sig)
{
	sigset_t set;
	CHECK_EQ(sigpending(&set), 0);
	return sigismember(&set, sig);
}

static int run(int argc, char **argv)
{
	const int sigs[] = { SIGTERM, SIGUSR1, SIGRTMIN };
	(void)argc, (void)argv;
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 3; i++) {
			int sig = sigs[i];
			chan(int) c = garn_notify(sig);
			CHECK_EQ(kill(getpid(), sig), 0);
			CHECK_EQ(chan_recv(c), sig);
			garn_notify_stop(c);
			CHECK_EQ(kill(getpid(), sig), 0); // would end us
			CHECK(ispending(sig));
			c = garn_notify(sig); // and now it comes
			CHECK_EQ(chan_recv(c), sig);
			garn_notify_stop(c);
			CHECK(!ispending(sig));
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	sigset_t set;
	sigfillset(&set);
	CHECK_EQ(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	return garn_run(run, argc, argv);
}
