// The report of a deadlock has the traces of goroutines that are packed.
// ENV: GARN_PACK=5
// SAN: no-address no-thread (nothing is packed under them)
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: innermost
// EXPECT: between
// EXPECT: created by main in goroutine 1
#include "t_pack.h"

static int *volatile place;
static garn_sem gate;

__attribute__((noinline)) static int innermost(int *p)
{
	place = p;
	garn_sem_acquire(&gate);
	return *p;
}

__attribute__((noinline)) static void between(void)
{
	int here = 3;
	CHECK_EQ(innermost(&here) + here, 7);
}

int main(void)
{
	t_need_packing();
	go(between);
	while (!place)
		garn_yield();
	t_await_packed(place);
	garn_sem_acquire(&gate);
	return 0;
}
