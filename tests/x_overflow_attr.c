// The limit named is the one the goroutine was given.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds
// EXPECT: fatal error: stack overflow
// EXPECT: goroutine 
// EXPECT: "deep" [running]:
// EXPECT: recurse
// REJECT: exceeds 196608-byte
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
	go_with(garn_attr(.stack = GARN_MB(4), .name = "deep"), recurse, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
