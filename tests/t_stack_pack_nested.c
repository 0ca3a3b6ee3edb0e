// Code on a packed stack: gcc's nested functions, which others call through a pointer. In a program that says in its header that stacks hold code.
// ENV: GARN_PACK=20
// LIBS: -Wl,-z,execstack
// SAN: no-address no-thread (nothing is packed under them)
#include "t_pack.h"

#ifdef __clang__
int main(void)
{
	SKIP("clang has no nested functions");
}
#else
static int (*volatile fn)(int);
static volatile int *place;
static garn_sem gate;
static uint32_t done;

static void waits(int more)
{
	volatile int mine = more;
	int add(int n)
	{
		return n + mine;
	}
	place = &mine;
	fn = add;
	garn_sem_acquire(&gate);
	CHECK_EQ(add(1), more + 1);
	ADD(done, 1);
}

int main(void)
{
	t_need_packing();
	go(waits, 41);
	while (!fn)
		garn_yield();
	t_await_packed(place);
	CHECK_EQ(fn(1), 42);
	garn_sem_release(&gate);
	t_await(&done, 1);
	return 0;
}
#endif
