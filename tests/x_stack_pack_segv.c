// With packed stacks about, a fault in the program is still a fault, also one on a goroutine's own top page, which the program has protected.
// FLAGS: -DELSEWHERE
// FLAGS: -DPROTECTED
// ENV: GARN_PACK=5
// SAN: no-address no-thread (nothing is packed under them)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation
// EXPECT: wrong
#include "t_pack.h"

static int *volatile place;
static garn_sem gate;

static void waits(void)
{
	int here = 3;
	place = &here;
	garn_sem_acquire(&gate);
	CHECK_EQ(here, 3);
}

__attribute__((noinline)) static void wrong(void)
{
	t_await_packed(place);
#ifdef ELSEWHERE
	*(volatile int *)(uintptr_t)(getpid() % 7 * 8 + 8) = 1;
#else
	CHECK_EQ(*place, 3); // it is back, and stays for this wait
	CHECK_EQ(mprotect((void *)((uintptr_t)place & -(uintptr_t)4096), 4096, PROT_READ), 0);
	*place = 4;
#endif
}

int main(void)
{
	t_need_packing();
	go(waits);
	while (!place)
		garn_yield();
	wrong();
	return 0;
}
