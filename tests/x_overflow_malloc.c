// Overflow inside malloc, which holds its lock: the report needs none. (tests/e_overflow.sh links it statically: then libgcc's unwinder mallocs at its
// first walk, and that must not be this one.)
// SAN: no-address no-thread (the sanitizer has these signals)
// TIMEOUT: 20
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: [running]:
// EXPECT: steps
// EXPECT: created by main
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#include <garn.h>
#include <stdlib.h>

static void *volatile last;

// The steps are smaller than malloc's frames: so the first that does not fit is one of these.
__attribute__((noinline)) static int steps(int n)
{
	last = malloc(2000);
	return steps(n + 1) + (last != NULL);
}

int main(void)
{
	go(steps, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
