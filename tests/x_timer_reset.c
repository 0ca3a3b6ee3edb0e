// There is nothing to start again in a timer that was never started.
// EXPECT: fatal error: garn_timer_reset: timer was never started
// EXPECT: goroutine 1 [running]:
// STATUS: 2
#include "garn.h"

int main(void)
{
	garn_timer t = { 0 };
	garn_timer_stop(&t);
	garn_timer_reset(&t, 1);
	return 0;
}
