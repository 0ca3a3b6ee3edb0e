// A timer that is still to fire may not be started again.
// EXPECT: fatal error: garn_timer_start: timer already started
// EXPECT: goroutine 1 [running]:
// STATUS: 2
#include "garn.h"

static void fn(void *arg)
{
	(void)arg;
}

int main(void)
{
	garn_timer t = { 0 };
	garn_timer_start(&t, 0, fn, 0);
	garn_sleep(GARN_MS(1));
	while (garn_timer_reset(&t, GARN_S(3600))) // it had fired: fine
		;
	garn_timer_start(&t, GARN_S(3600), fn, 0);
	return 0;
}
