// Too many arguments, as in a plain call.
// COMPILE: c11 c23
// FAILS: too many arguments
#include <garn.h>

void f(int);
void start(void);

void start(void)
{
	go(f, 1, 2);
}
