// Recursion without end: which limit, which goroutine, and a trace with its middle left out.
// FLAGS: -O0
// FLAGS: -O2 -fno-optimize-sibling-calls
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds
// EXPECT: -byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: GARN_STACK
// EXPECT: [running]:
// EXPECT: recurse
// EXPECT: x_overflow.c:30
// EXPECT: frames elided...
// EXPECT: recurse
// EXPECT: x_overflow.c:30
// EXPECT: worker
// EXPECT: x_overflow.c:35 +0x
// EXPECT: created by main in goroutine 1
// REJECT: goroutine 1 [
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#include <garn.h>

__attribute__((noinline)) static int recurse(int n)
{
	volatile char b[100];
	b[0] = (char)n;
	return recurse(n + 1) + b[0];
}

static void worker(int n)
{
	recurse(n);
	__asm__ volatile("");
}

int main(void)
{
	go(worker, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
