// A call of a null function pointer: there is no frame at that address, so the trace begins with the caller.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (addr=0x0, pc=0x0)
// EXPECT: goroutine 1 [running]:
// EXPECT: caller
// EXPECT: x_fault_call.c:14 +0x
// EXPECT: main
// EXPECT: x_fault_call.c:19 +0x
#include <garn.h>

__attribute__((noinline)) static int caller(int (*volatile fn)(void))
{
	return fn() + 1;
}

int main(void)
{
	return caller(NULL) + 1;
}
