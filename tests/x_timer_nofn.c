// A timer needs a function.
// EXPECT: fatal error: garn_timer_start: no function
// STATUS: 2
#include "garn.h"

int main(void)
{
	garn_timer t = { 0 };
	garn_timer_start(&t, 1, 0, 0);
	return 0;
}
