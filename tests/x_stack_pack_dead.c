// The report of a deadlock has the traces of goroutines that are packed, also where it is sysmon that sees it, which blocks all signals: when the last
// thread has ended that might have sent something.
// FLAGS: -DLAST=goroutine
// FLAGS: -DLAST=thread
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

static void *nap(void *p)
{
	usleep(300000);
	return p;
}

int main(void)
{
	enum { goroutine, thread };
	pthread_t id;
	t_need_packing();
	go(between);
	while (!place)
		garn_yield();
	t_await_packed(place);
	if (LAST == thread)
		CHECK_EQ(pthread_create(&id, NULL, nap, NULL), 0);
	garn_sem_acquire(&gate);
	return 0;
}
