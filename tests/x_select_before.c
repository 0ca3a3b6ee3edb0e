// A select that must wait before the runtime is up says so.
// EMBED
// EXPECT: fatal error: garn: waiting before the runtime is up: build with `garn build`, or call garn_run first
// STATUS: 2
#include <garn.h>

int main(void)
{
	chan(int) a = chan_make(int, 0), b = chan_make(int, 0);
	int v = 0;
	chan_select(on_recv(a, &v), on_send(b, 1));
	return v;
}
