// Signals before the runtime is up.
// EMBED
// EXPECT: fatal error: garn: a call that needs the runtime before it is up: build with `garn build`, or call garn_run first
#include <garn.h>
#include <signal.h>

int main(void)
{
	return garn_notify(SIGUSR1) == NULL;
}
