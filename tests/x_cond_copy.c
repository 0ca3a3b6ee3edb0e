// A cond is copied after use.
// EXPECT: panic: sync.Cond is copied
// EXPECT: goroutine 1 [running]:
// EXPECT: mistake
// EXPECT: x_cond_copy.c:13 +0x
// EXPECT: main
// REJECT: src/sync/
#include <garn.h>

__attribute__((noinline)) static void mistake(garn_cond *c)
{
	garn_cond d = *c;
	garn_cond_signal(&d);
	__asm__ volatile("");
}

int main(void)
{
	garn_cond c = { { 0 } };
	garn_cond_signal(&c);
	garn_cond_broadcast(&c);
	mistake(&c);
	return 0;
}
