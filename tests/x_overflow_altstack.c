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
#include "t_usr1.h"

int main(void)
{
	handles(SA_ONSTACK, false);
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
