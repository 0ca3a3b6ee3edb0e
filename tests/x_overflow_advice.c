// What is advised is more than there was; where there is no more nothing is.
// FLAGS: -fsplit-stack -DSTACK=3<<20
// FLAGS: -fsplit-stack -DSTACK=1<<30
// EXPECT: runtime: goroutine stack exceeds
// EXPECT: fatal error: stack overflow
// EXPECT: (
// EXPECT: [running]:
// REJECT: GARN_STACK=1M
// REJECT: GARN_STACK=1024M
#include "t_split.h"

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
ALONE static int recurse(int n)
{
	volatile char b[300000];
	b[0] = (char)n;
	return recurse(n + 1) + b[0];
}

int main(void)
{
	go_with((garn_attr){ .stack = STACK }, recurse, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
