// A call of what is no code, but can be read: the trace begins with the caller.
// FLAGS: -O0
// FLAGS: -O2
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (addr=0x
// EXPECT: [running]:
// EXPECT: caller
// EXPECT: x_segv_jump.c:20
// EXPECT: worker
// REJECT: overflow
#include "test.h"

#include <garn.h>

static char data[4096];

__attribute__((noinline)) static int caller(int (*volatile fn)(void))
{
	return fn() + 1;
}

static void worker(void)
{
	union { void *p; int (*fn)(void); } u = { data };
	printf("%d\n", caller(u.fn));
}

int main(void)
{
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
