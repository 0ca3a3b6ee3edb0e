// A handler that was there before the runtime gets the faults that are not a goroutine's overflow.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 3
// EXPECT: handler of the program, signal 11, address 0x20
// REJECT: fatal error
#include "test.h"

#include <garn.h>
#include <signal.h>

static void handler(int sig, siginfo_t *info, void *context)
{
	char s[100];
	int n = snprintf(s, sizeof s, "handler of the program, signal %d, address %#lx\n", sig, (long)info->si_addr);
	(void)context;
	if (write(2, s, n) != n)
		_exit(4);
	_exit(3);
}

__attribute__((constructor)) static void before(void)
{
	struct sigaction act;
	memset(&act, 0, sizeof act);
	act.sa_sigaction = handler;
	act.sa_flags = SA_SIGINFO;
	sigaction(SIGSEGV, &act, NULL);
}

static void worker(uintptr_t p)
{
	*(volatile int *)p = 1;
}

int main(void)
{
	go(worker, 32);
	garn_sleep(GARN_S(10));
	return 0;
}
