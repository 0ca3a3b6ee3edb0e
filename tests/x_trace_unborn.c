// A goroutine that has not run yet is shown by its function.
// FLAGS: -O0
// FLAGS: -O2
// ENV: GARN_TRACEBACK=all
// EXPECT: panic: close of nil channel
// EXPECT: goroutine 1 [running]:
// EXPECT: main
// EXPECT: goroutine 2 [runnable]:
// EXPECT: not_yet
// EXPECT: x_trace_unborn.c:
// EXPECT: created by main in goroutine 1
// EXPECT: x_trace_unborn.c:26 +0x
// REJECT: goexit
// REJECT: gostart
// REJECT: unavailable
#include <garn.h>

static void not_yet(int n)
{
	garn_sleep(n);
}

int main(void)
{
	garn_gomaxprocs(1);
	go(not_yet, 1);
	chan_close((chan(int))NULL);
	return 0;
}
