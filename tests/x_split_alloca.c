// An alloca that does not fit the stack is told, and a variable-length array, before anything is touched.
// FLAGS: -fsplit-stack
// FLAGS: -fsplit-stack -DVLA
// EXPECT: runtime: goroutine stack exceeds 4128768-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: "wide" [running]:
// EXPECT: block
// REJECT: went on
#include "t_split.h"

ALONE static int block(size_t n)
{
#ifdef VLA
	volatile char p[n];
#else
	volatile char *p = __builtin_alloca(n);
#endif
	__asm__ volatile("" : : "r"(p) : "memory");
	p[n - 1] = 1;
	return p[n - 1];
}

ALONE static void blocks(size_t n)
{
	for (; n < (64u << 20); n *= 2) {
		int r = block(n);
		if (n > (4u << 20)) {
			printf("went on %d\n", r);
			t_die(3);
		}
	}
}

int main(void)
{
	go_with(garn_attr(.stack = GARN_MB(3), .name = "wide"), blocks, 1000);
	garn_sleep(GARN_S(10));
	return 0;
}
