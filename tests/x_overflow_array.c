// A local array of which the far end is touched first: of 60 KB, with nothing but the guard to catch it; of 200 KB, more than the guard, and
// compiled as `garn build` does it, so that each page of it is touched on the way.
// FLAGS: -DKB=60 -O0 -fno-stack-clash-protection
// FLAGS: -DKB=60 -O2 -fno-stack-clash-protection
// FLAGS: -DKB=200 -O0 -fstack-clash-protection
// FLAGS: -DKB=200 -O2 -fstack-clash-protection
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: [running]:
// EXPECT: array
// EXPECT: x_overflow_array.c:
// EXPECT: t_atbrink
// EXPECT: frames elided...
// EXPECT: worker
// REJECT: unexpected signal
#include "t_brink.h"

__attribute__((noinline)) static void array(void *arg)
{
	char big[KB << 10];
	volatile char *p = big;
	__asm__ volatile("" : "+r"(p)); // or clang sees that two bytes would do
	p[0] = *(char *)arg;
	p[sizeof big - 1] = p[0];
}

static void worker(char c)
{
	t_atbrink(1000, array, &c);
	__asm__ volatile("");
}

int main(void)
{
	go(worker, 'x');
	garn_sleep(GARN_S(10));
	return 0;
}
