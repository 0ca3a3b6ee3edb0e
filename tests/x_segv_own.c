// A bad pointer that happens to lie in the guard of the goroutine's own stack, which is nearly empty: no overflow.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (addr=0x
// EXPECT: [running]:
// EXPECT: worker
// REJECT: overflow
#include <garn.h>

static void worker(void)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	*((volatile char *)lo - 100) = 1;
}

int main(void)
{
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
