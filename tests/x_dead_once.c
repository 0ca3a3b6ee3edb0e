// The function of a once waits for ever, and who comes second waits for it. Between two functions of the program
// the library's public call is shown.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [sync.Once.Do]:
// EXPECT: main
// EXPECT: [chan receive]:
// EXPECT: initialize
// EXPECT: garn_once_do
// EXPECT: first
// EXPECT: created by main in goroutine 1
// REJECT: gopark
// REJECT: mcall
// REJECT: goexit
// REJECT: garn_chan
// REJECT: src/sched/
// REJECT: src/core/
#include <garn.h>

static garn_once once;
static chan(int) c, entered;

static void initialize(void)
{
	chan_send(entered, 1);
	chan_recv(c);
}

static void first(void)
{
	garn_once_do(&once, initialize);
	__asm__ volatile("");
}

int main(void)
{
	c = chan_make(int, 0);
	entered = chan_make(int, 0);
	go(first);
	chan_recv(entered);
	garn_once_do(&once, initialize);
	return 0;
}
