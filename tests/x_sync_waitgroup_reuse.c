// A waitgroup is used for the next round before who waited for the last one has returned.
// EXPECT: panic: sync: WaitGroup is reused before previous Wait has returned
// EXPECT: [running]:
// EXPECT: main
#include <garn.h>

static garn_waitgroup wg;

static void rounds(void)
{
	for (;;) {
		garn_waitgroup_done(&wg);
		garn_waitgroup_add(&wg, 1); // main is runnable, and has not run
		garn_yield();
	}
}

int main(void)
{
	garn_waitgroup_add(&wg, 1);
	go(rounds);
	for (;;)
		garn_waitgroup_wait(&wg);
}
