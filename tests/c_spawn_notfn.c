// Something that is no function.
// COMPILE: c11 c23
// FAILS: not a function
#include <garn.h>

void start(int f);

void start(int f)
{
	go(f, 1);
}
