// Too few arguments, as in a plain call.
// COMPILE: c11 c23
// FAILS: too few arguments
#include <garn.h>

void f(int, int);
void start(void);

void start(void)
{
	go(f, 1);
}
