// A waitgroup counted below zero.
// EXPECT: panic: sync: negative WaitGroup counter
// EXPECT: goroutine 1 [running]:
// EXPECT: mistake
// EXPECT: x_sync_waitgroup.c:18
// EXPECT: main
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
#include <garn.h>

static garn_waitgroup wg;

__attribute__((noinline)) static void mistake(void)
{
	garn_waitgroup_add(&wg, 1);
	garn_waitgroup_done(&wg);
	garn_waitgroup_done(&wg);
	__asm__ volatile("");
}

int main(void)
{
	mistake();
	return 0;
}
