// A process that has all signals blocked when the runtime starts, as those do that wait for signals in one thread: the signals that mean an error
// of the thread itself are not blocked on the library's threads, or nobody could say anything.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: t_recurse
// EMBED
#include "t_brink.h"

#include <signal.h>

static void worker(void)
{
	sigset_t now;
	sigprocmask(SIG_BLOCK, NULL, &now);
	CHECK(sigismember(&now, SIGTERM) && sigismember(&now, SIGUSR1));
	t_recurse(1);
}

static int start(int argc, char **argv)
{
	(void)argv;
	go(worker);
	garn_sleep(GARN_S(10));
	return argc;
}

int main(int argc, char **argv)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	return garn_run(start, argc, argv);
}
