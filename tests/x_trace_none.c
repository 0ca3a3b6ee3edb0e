// GARN_TRACEBACK=none leaves the message alone.
// ENV: GARN_TRACEBACK=none
// EXPECT: panic: close of nil channel
// REJECT: goroutine
// REJECT: main
#include <garn.h>

int main(void)
{
	chan_close((chan(int))NULL);
	return 0;
}
