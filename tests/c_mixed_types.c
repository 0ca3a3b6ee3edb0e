// Channels of different types do not mix.
// COMPILE: c11
// FAILS: incompatible
#include <garn.h>

chan(long) mix(chan(int) c);
chan(long) mix(chan(int) c)
{
	return c;
}
