// An inlined call has its own two lines, as the one it was inlined into.
// FLAGS: -O2
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
// EXPECT: innermost
// EXPECT: x_trace_inline.c:15
// EXPECT: middle
// EXPECT: x_trace_inline.c:20
// EXPECT: main
// EXPECT: x_trace_inline.c:26 +0x
#include <garn.h>

__attribute__((always_inline)) static inline int innermost(chan(int) c)
{
	return chan_recv(c) + 1;
}

__attribute__((always_inline)) static inline int middle(chan(int) c)
{
	return innermost(c) + 2;
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	return middle(c);
}
