// None where one is wanted.
// COMPILE: c11 c23
// FAILS: too few arguments
#include <garn.h>

void f(int);
void start(void);

void start(void)
{
	go(f);
}
