// Unlock of a mutex that is not locked.
// EXPECT: fatal error: sync: unlock of unlocked mutex
// EXPECT: goroutine 1 [running]:
// EXPECT: mistake
// EXPECT: x_sync_mutex.c:18
// EXPECT: main
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
#include <garn.h>

static garn_mutex m;

__attribute__((noinline)) static void mistake(void)
{
	garn_mutex_lock(&m);
	garn_mutex_unlock(&m);
	garn_mutex_unlock(&m);
	__asm__ volatile("");
}

int main(void)
{
	mistake();
	return 0;
}
