// A frame that does not fit the stack is told before anything of it is touched: this one would lie behind the guard, and nothing there is written.
// FLAGS: -fsplit-stack
// FLAGS: -fsplit-stack -O0
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: goroutine 
// EXPECT: huge
// EXPECT: outer
// REJECT: went on
#include "t_split.h"

ALONE static int huge(int n)
{
	volatile char b[10 << 20];
	__asm__ volatile("" : : "r"(b) : "memory");
	b[sizeof b - 1] = (char)n; // the highest byte: in a page that is there
	return b[sizeof b - 1];
}

ALONE static int outer(int n)
{
	int r = huge(n);
	printf("went on %d\n", r);
	fflush(stdout);
	_exit(3);
	return r + 1;
}

int main(void)
{
	go(outer, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
