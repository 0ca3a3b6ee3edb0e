// Unlock of a rwmutex nobody writes.
// EXPECT: fatal error: sync: Unlock of unlocked RWMutex
// EXPECT: goroutine 1 [running]:
// EXPECT: mistake
// EXPECT: x_sync_rwunlock.c:18
// EXPECT: main
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
#include <garn.h>

static garn_rwmutex rw;

__attribute__((noinline)) static void mistake(void)
{
	garn_rwmutex_lock(&rw);
	garn_rwmutex_unlock(&rw);
	garn_rwmutex_unlock(&rw);
	__asm__ volatile("");
}

int main(void)
{
	mistake();
	return 0;
}
