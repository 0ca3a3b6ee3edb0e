// The simplest deadlock: main waits on a channel that nobody has. Its frames are shown, the library's are not.
// FLAGS: -O0
// FLAGS: -O2
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
// EXPECT: wait_for_ever
// EXPECT: x_dead_main.c:22 +0x
// EXPECT: main
// EXPECT: x_dead_main.c:28 +0x
// REJECT: gopark
// REJECT: mcall
// REJECT: goexit
// REJECT: garn_chan
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
// REJECT: created by
#include <garn.h>

__attribute__((noinline)) static int wait_for_ever(chan(int) c)
{
	return chan_recv(c) + 1;
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	return wait_for_ever(c) + 1;
}
