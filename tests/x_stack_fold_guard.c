// A stack whose block was folded and is back has its guard: an overflow is named, with the trace. For the lowest in the block, and one in the middle.
// FLAGS: -DPLACE=0
// FLAGS: -DPLACE=3
// ENV: GARN_PACK=5
// SAN: no-address no-thread (nothing is packed under them)
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: deep
// EXPECT: waits
#include "t_pack.h"

enum { N = 24, BLOCK = 2 << 20, SIZE = 256 << 10 };
static int *place[N];
static garn_sem gate[N];
static uint32_t running;

__attribute__((noinline)) static int deep(int n)
{
	volatile char a[500];
	a[n % 500] = (char)n;
	return n < 0 ? 0 : deep(n + 1) + a[n % 500];
}

static void waits(int i)
{
	int here = 3;
	place[i] = &here;
	ADD(running, 1);
	garn_sem_acquire(&gate[i]);
	CHECK_EQ(here, 3);
	CHECK(deep(0) < 0);
}

int main(void)
{
	garn_stats s;
	t_need_packing();
	for (int i = 0; i < N; i++)
		go(waits, i);
	t_await(&running, N);
	for (int i = 0; i < N; i++)
		t_await_packed(place[i]);
	do {
		garn_sleep(GARN_MS(10));
		garn_read_stats(&s);
	} while (s.packed.folded < 2);
	// In the second block that they have, which is one of these.
	uintptr_t lo = UINTPTR_MAX;
	for (int i = 0; i < N; i++)
		lo = (uintptr_t)place[i] < lo ? (uintptr_t)place[i] : lo;
	for (int i = 0; i < N; i++)
		if (((uintptr_t)place[i] & -(uintptr_t)SIZE) == (lo & -(uintptr_t)BLOCK) + BLOCK + PLACE * SIZE)
			garn_sem_release(&gate[i]);
	garn_sleep(GARN_S(100));
	return 0;
}
