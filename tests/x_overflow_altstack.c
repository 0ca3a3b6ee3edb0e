// A signal handler that runs on the alternate stack, without end: that stack has a guard too, and the overflow its name. Not the
// goroutine's limit is said to be too small.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: signal handler exceeds the
// EXPECT: bytes of the alternate stack
// EXPECT: fatal error: stack overflow
// EXPECT: [running]:
// EXPECT: t_recurse
// REJECT: unexpected signal
// REJECT: GARN_STACK
#include "t_brink.h"

#include <signal.h>

static void handler(int sig)
{
	t_recurse(sig);
}

static void worker(void)
{
	raise(SIGUSR1);
}

int main(void)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_ONSTACK };
	sigaction(SIGUSR1, &act, NULL);
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
