// main ends by garn_goexit: the others go on, timers too, and when all have ended that is said.
// EXPECT: still here
// EXPECT: fatal error: no goroutines (main called garn_goexit) - deadlock!
// REJECT: goroutine 1
// REJECT: asleep
#include "test.h"

#include <garn.h>

static void other(void)
{
	garn_sleep(GARN_MS(20));
	fprintf(stderr, "still here\n");
}

int main(void)
{
	go(other);
	garn_goexit();
}
