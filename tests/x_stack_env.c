// GARN_STACK that is no size, or none that will do, is not guessed at; nobody's code is at fault, so there is no trace.
// ENV: GARN_STACK=2G
// PROCS: 1
// EXPECT: fatal error: GARN_STACK: want a size from 16K to 1G, such as 256K, not "2G"
// REJECT: [
#include <garn.h>

int main(void)
{
	return 0;
}
