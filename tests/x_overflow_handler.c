// A signal handler that runs on the goroutine's stack, without end: an overflow like any other; the trace goes through the signal.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: [running]:
// EXPECT: t_recurse
// EXPECT: frames elided...
// EXPECT: handler
// EXPECT: worker
// EXPECT: created by main
// REJECT: unexpected signal
#include "t_usr1.h"

int main(void)
{
	handles(0, false);
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
