// A bad pointer in a goroutine: what, where, in which goroutine; then the death the signal means.
// FLAGS: -O0
// FLAGS: -O2
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (addr=0x10, pc=0x
// EXPECT: [running]:
// EXPECT: bad
// EXPECT: x_fault_segv.c:24
// EXPECT: worker
// EXPECT: x_fault_segv.c:29 +0x
// EXPECT: created by main in goroutine 1
// EXPECT: x_fault_segv.c:35 +0x
// REJECT: goroutine 1 [
// REJECT: libc
// REJECT: handler
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
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
	go(worker, 16);
	garn_sleep(GARN_S(10));
	return 0;
}
