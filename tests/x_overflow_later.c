// A handler that is installed later, with SA_ONSTACK, gets the overflow as well, on the alternate stack that each thread has.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 3
// EXPECT: mine, on the alternate stack
// REJECT: fatal error
#include "t_brink.h"

#include <signal.h>

static void *lo, *hi;

static void handler(int sig, siginfo_t *info, void *context)
{
	char here, *at = info->si_addr;
	bool own = &here >= (char *)lo && &here < (char *)hi;
	(void)context;
	if (!own && at < (char *)lo && at >= (char *)lo - GARN_KB(64) && write(2, "mine, on the alternate stack\n", 29) != 29)
		_exit(sig);
	_exit(3);
}

static void worker(void)
{
	garn_stack_bounds(&lo, &hi);
	t_recurse(1);
}

int main(void)
{
	struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	sigaction(SIGSEGV, &act, NULL);
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
