// A division by zero.
// SAN: no-address no-thread (the sanitizer has these signals)
// SAN: no-undefined (it finds the division first)
// STATUS: 136
// EXPECT: fatal error: unexpected signal SIGFPE: floating-point exception (addr=0x
// EXPECT: goroutine 1 [running]:
// EXPECT: divide
// EXPECT: x_fault_fpe.c:13 +0x
#include <garn.h>

__attribute__((noinline)) static int divide(volatile int *a, volatile int *b)
{
	return *a / *b;
}

int main(void)
{
	volatile int a = 100, b = 0;
	return divide(&a, &b);
}
