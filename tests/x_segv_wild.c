// A pointer that no address can be: the CPU does not tell the kernel which it was, so nobody is told one.
// FLAGS: -O0
// FLAGS: -O2
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (address unknown, pc=0x
// EXPECT: [running]:
// EXPECT: bad
// EXPECT: x_segv_wild.c:17
// EXPECT: worker
// REJECT: overflow
// REJECT: addr=
#include <garn.h>

__attribute__((noinline)) static void bad(volatile int *p)
{
	*p = 1;
}

static void worker(uintptr_t p)
{
	bad((volatile int *)p);
	__asm__ volatile("");
}

int main(void)
{
	go(worker, 0x5a5a5a5a5a5a5a58);
	garn_sleep(GARN_S(10));
	return 0;
}
