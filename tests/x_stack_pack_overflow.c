// A stack that was packed and is back has its guard: an overflow is named, with the trace.
// ENV: GARN_PACK=5
// SAN: no-address no-thread (nothing is packed under them)
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: deep
// EXPECT: waits
#include "t_pack.h"

static int *volatile place;
static garn_sem gate;

__attribute__((noinline)) static int deep(int n)
{
	volatile char a[500];
	a[n % 500] = (char)n;
	return n < 0 ? 0 : deep(n + 1) + a[n % 500];
}

static void waits(void)
{
	int here = 3;
	place = &here;
	garn_sem_acquire(&gate);
	CHECK_EQ(here, 3);
	CHECK(deep(0) < 0);
}

int main(void)
{
	t_need_packing();
	go(waits);
	while (!place)
		garn_yield();
	t_await_packed(place);
	garn_sem_release(&gate);
	garn_sleep(GARN_S(100));
	return 0;
}
