// A place of another type for what is received.
// COMPILE: c++17 c++20
// FAILS: no matching function|cannot convert
#include <garn.h>

int start(chan(long) c);
int start(chan(long) c)
{
	int n = 0;
	chan_recv_ok(c, &n);
	return n;
}
