// A handler of SIGSEGV that was there before the runtime is not asked about an overflow.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds
// EXPECT: fatal error: stack overflow
// EXPECT: t_recurse
// REJECT: mine
#include "t_brink.h"

#include <signal.h>

static void handler(int sig)
{
	if (write(2, "mine\n", 5) != 5)
		_exit(sig);
	_exit(3);
}

__attribute__((constructor)) static void before(void)
{
	struct sigaction act = { .sa_handler = handler };
	sigaction(SIGSEGV, &act, NULL);
}

int main(void)
{
	go(t_recurse, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
