// A deep stack: 50 calls from each end, the middle counted.
// FLAGS: -O0
// FLAGS: -O2
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
// EXPECT: bottom
// EXPECT: down
// EXPECT: ...
// EXPECT: frames elided...
// EXPECT: down
// EXPECT: main
#include <garn.h>

__attribute__((noinline)) static int bottom(chan(int) c)
{
	return chan_recv(c) + 1;
}

static int down(chan(int) c, int n)
{
	volatile int x = n > 0 ? down(c, n - 1) : bottom(c);
	return x + 1;
}

int main(void)
{
	return down(chan_make(int, 0), 1000) + 1;
}
