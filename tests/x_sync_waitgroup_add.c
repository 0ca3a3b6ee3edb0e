// The count rises from zero while there are still waiters: the moment in which the last `done` wakes them, put down here by hand.
// EXPECT: panic: sync: WaitGroup misuse: Add called concurrently with Wait
// EXPECT: goroutine 1 [running]:
// EXPECT: main
#include <garn.h>

int main(void)
{
	garn_waitgroup wg = { { 1 } }; // one waiter, and nothing to wait for
	garn_waitgroup_add(&wg, 1);
	return 0;
}
