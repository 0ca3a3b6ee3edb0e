// GARN_TRACEBACK=system shows the library's frames as well.
// ENV: GARN_TRACEBACK=system
// EXPECT: panic: close of nil channel
// EXPECT: goroutine 1 [running]:
// EXPECT: panic
// EXPECT: src/core/throw.c
// EXPECT: garn_chan_close
// EXPECT: main
// EXPECT: x_trace_system.c
// EXPECT: goexit
// REJECT: guardcall
// REJECT: traceback.c
#include <garn.h>

int main(void)
{
	chan_close((chan(int))NULL);
	return 0;
}
