// Waiting with a mutex that is not locked: the trace shows who did it.
// EXPECT: fatal error: sync: unlock of unlocked mutex
// EXPECT: goroutine 1 [running]:
// EXPECT: wrong_wait
// STATUS: 2
#include <garn.h>

__attribute__((noinline)) static void wrong_wait(garn_cond *c, garn_mutex *m)
{
	garn_cond_wait(c, m);
	__asm__ volatile("");
}

int main(void)
{
	garn_mutex m = { 0 };
	garn_cond c = { 0 };
	wrong_wait(&c, &m);
	return 0;
}
