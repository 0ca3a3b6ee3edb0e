// A bad pointer used where little of the stack is left: no overflow.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (addr=0x8,
// EXPECT: [running]:
// EXPECT: bad
// EXPECT: t_atbrink
// EXPECT: frames elided...
// EXPECT: worker
// REJECT: overflow
#include "t_brink.h"

__attribute__((noinline)) static void bad(void *p)
{
	*(volatile int *)p = 1;
}

static void worker(uintptr_t p)
{
	t_atbrink(300, bad, (void *)p);
	__asm__ volatile("");
}

int main(void)
{
	go(worker, 8);
	garn_sleep(GARN_S(10));
	return 0;
}
