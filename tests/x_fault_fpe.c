// A division by zero.
// SAN: no-address no-thread no-undefined (the sanitizer has the signal, or finds the division)
// STATUS: 136
// EXPECT: fatal error: unexpected signal SIGFPE: floating-point exception (addr=0x
// EXPECT: goroutine 1 [running]:
// EXPECT: divide
// EXPECT: x_fault_fpe.c:12 +0x
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
