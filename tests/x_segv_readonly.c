// A write to a page that can only be read.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// EXPECT: fatal error: unexpected signal SIGSEGV: segmentation violation (addr=0x
// EXPECT: [running]:
// EXPECT: bad
// EXPECT: x_segv_readonly.c:17
// EXPECT: created by main
// REJECT: overflow
// REJECT: addr=0x0
#include <garn.h>

static const char constant[] = "what is here";

__attribute__((noinline)) static void bad(char *volatile p)
{
	*p = 1;
}

static void worker(const char *p)
{
	bad((char *)(uintptr_t)p);
	__asm__ volatile("");
}

int main(void)
{
	go(worker, constant);
	garn_sleep(GARN_S(10));
	return 0;
}
