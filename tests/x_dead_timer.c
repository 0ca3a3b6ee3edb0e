// While a timer is pending there is hope: the deadlock is reported after the last sleeper has come back.
// EXPECT: slept
// EXPECT: timed out
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
// EXPECT: [chan receive]:
// EXPECT: sleeper
#include "test.h"

#include <garn.h>

static void sleeper(chan(int) c)
{
	garn_sleep(GARN_MS(10));
	fprintf(stderr, "slept\n");
	chan_recv(c);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	int v;
	go(sleeper, c);
	if (chan_select(on_recv(c, &v), on_timeout(GARN_MS(60))) == 1)
		fprintf(stderr, "timed out\n");
	return chan_recv(c);
}
