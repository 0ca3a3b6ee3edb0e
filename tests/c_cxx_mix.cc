// Channels of different types do not mix.
// COMPILE: c++17 c++20
// FAILS: no matching function|could not convert|no viable
#include <garn.h>

chan(long) mix(chan(int) c);
chan(long) mix(chan(int) c)
{
	return c;
}
