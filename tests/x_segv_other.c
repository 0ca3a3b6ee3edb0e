// A bad pointer into the guard of another goroutine's stack, where little of the own is left: neither's overflow.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (addr=0x
// EXPECT: "bad" [running]:
// EXPECT: bad
// REJECT: overflow
// REJECT: "other"
#include "t_brink.h"

static void *guard;

static void other(garn_waitgroup *wg)
{
	void *hi;
	garn_stack_bounds(&guard, &hi);
	guard = (char *)guard - 64;
	garn_waitgroup_done(wg);
	garn_sleep(GARN_S(10));
}

__attribute__((noinline)) static void bad(void *p)
{
	*(volatile int *)p = 1;
}

static void worker(void *p)
{
	t_atbrink(300, bad, p);
}

int main(void)
{
	garn_waitgroup wg = { 0 };
	garn_waitgroup_add(&wg, 1);
	go_with(garn_attr(.name = "other"), other, &wg);
	garn_waitgroup_wait(&wg);
	go_with(garn_attr(.name = "bad"), worker, guard);
	garn_sleep(GARN_S(10));
	return 0;
}
