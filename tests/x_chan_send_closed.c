// Send on a closed channel.
// FLAGS: -O0
// FLAGS: -O2
// EXPECT: panic: send on closed channel
// EXPECT: goroutine 1 [running]:
// EXPECT: mistake
// EXPECT: x_chan_send_closed.c:23 +0x
// EXPECT: main
// EXPECT: x_chan_send_closed.c:30 +0x
// REJECT: gopark
// REJECT: mcall
// REJECT: goexit
// REJECT: garn_chan
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
// REJECT: panic +
#include <garn.h>

__attribute__((noinline)) static void mistake(chan(int) c)
{
	chan_close(c);
	chan_send(c, 1);
	__asm__ volatile("");
}

int main(void)
{
	chan(int) c = chan_make(int, 1);
	mistake(c);
	return 0;
}
