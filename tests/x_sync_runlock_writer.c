// RUnlock of a rwmutex locked for writing only.
// EXPECT: fatal error: sync: RUnlock of unlocked RWMutex
// EXPECT: goroutine 1 [running]:
// EXPECT: mistake
// EXPECT: x_sync_runlock_writer.c:17
// EXPECT: main
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
#include <garn.h>

static garn_rwmutex rw;

__attribute__((noinline)) static void mistake(void)
{
	garn_rwmutex_lock(&rw);
	garn_rwmutex_runlock(&rw);
	__asm__ volatile("");
}

int main(void)
{
	mistake();
	return 0;
}
