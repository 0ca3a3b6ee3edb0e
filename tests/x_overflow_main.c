// main has a stack as large as the process's would have been, and overflows as any goroutine does.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds
// EXPECT: fatal error: stack overflow
// EXPECT: goroutine 1 [running]:
// EXPECT: recurse
// EXPECT: frames elided...
// EXPECT: main
// EXPECT: x_overflow_main.c:23
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#include <garn.h>

__attribute__((noinline)) static int recurse(int n)
{
	volatile char b[100];
	b[0] = (char)n;
	return recurse(n + 1) + b[0];
}

int main(void)
{
	return recurse(1) + 1;
}
