// A timer before the runtime is up says so.
// EMBED
// EXPECT: fatal error: garn: a timer before the runtime is up: build with `garn build`, or call garn_run first
// STATUS: 2
#include <garn.h>

int main(void)
{
	chan(int64_t) c = garn_after(GARN_MS(1));
	return c == NULL;
}
