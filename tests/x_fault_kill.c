// A signal sent, not caused: the process dies of it all the same.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 135
// EXPECT: fatal error: unexpected signal SIGBUS: bus error (pc=0x
// EXPECT: goroutine 1 [running]:
// EXPECT: main
// EXPECT: x_fault_kill.c:13
#include <garn.h>
#include <signal.h>

int main(void)
{
	raise(SIGBUS);
	return 0;
}
