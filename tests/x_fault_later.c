// A handler installed later, in the program, replaces ours.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 3
// EXPECT: mine
// REJECT: fatal error
#include "test.h"

#include <garn.h>
#include <signal.h>

static void handler(int sig)
{
	(void)sig;
	if (write(2, "mine\n", 5) != 5)
		_exit(4);
	_exit(3);
}

int main(void)
{
	signal(SIGSEGV, handler);
	volatile int *volatile p = (volatile int *)16;
	*p = 1;
	return 0;
}
