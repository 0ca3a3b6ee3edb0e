// A lookup before the runtime is up.
// EMBED
// EXPECT: fatal error: garn: a call that needs the runtime before it is up: build with `garn build`, or call garn_run first
#include <garn.h>

int main(void)
{
	struct addrinfo *ai;
	return garn_getaddrinfo("localhost", "1", NULL, &ai);
}
