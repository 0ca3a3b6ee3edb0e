// A bad address just below the guard, where the next stack ends: no overflow, however near.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (addr=0x
// EXPECT: [running]:
// EXPECT: bad
// EXPECT: worker
// REJECT: overflow
#include "t_brink.h"

#include <sys/mman.h>

enum { N = 16 };

static garn_waitgroup wg;
static char *his[N];
static char *below; // the end of a parked goroutine's stack

static void parks(int i)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	his[i] = hi;
	garn_waitgroup_done(&wg);
	garn_sleep(GARN_S(10));
}

__attribute__((noinline)) static void bad(void *p)
{
	*(volatile char *)p = 1;
}

// One whose stack lies above that of one that is parked. A page there becomes unreadable; nobody looks at it any more.
static void worker(void)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	char *end = (char *)lo - GARN_KB(64);
	for (int i = 0; i < N; i++)
		if (his[i] == end)
			below = end;
	if (below) {
		CHECK_EQ(mprotect(below - 4096, 4096, PROT_NONE), 0);
		t_atbrink(300, bad, below - 1);
	}
	garn_waitgroup_done(&wg);
	garn_sleep(GARN_S(10));
}

int main(void)
{
	garn_waitgroup_add(&wg, N);
	for (int i = 0; i < N; i++)
		go(parks, i);
	garn_waitgroup_wait(&wg);
	for (int i = 0; i < N; i++) {
		garn_waitgroup_add(&wg, 1);
		go(worker);
		garn_waitgroup_wait(&wg);
	}
	SKIP("no two stacks side by side");
	return 0;
}
