// Waiting before the runtime is up: nobody would ever wake the thread.
// EMBED
// EXPECT: fatal error: garn: waiting before the runtime is up
// EXPECT: [not a goroutine]:
// EXPECT: main
// EXPECT: x_run_before.c:12
#include <garn.h>

int main(void)
{
	chan(int) c = chan_make(int, 0);
	return chan_recv(c) + 1;
}
