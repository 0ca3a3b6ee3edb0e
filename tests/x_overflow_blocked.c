// A signal handler on the alternate stack, without end, and with all signals blocked: the kernel ends it, as nobody may be asked.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// TIMEOUT: 20
// REJECT: fatal error: stack overflow
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
	sigfillset(&act.sa_mask);
	sigaction(SIGUSR1, &act, NULL);
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
