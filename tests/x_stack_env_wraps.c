// GARN_STACK of so many kilobytes that as bytes they would come to 256K again.
// ENV: GARN_STACK=18014398509482240K
// PROCS: 1
// EXPECT: fatal error: GARN_STACK: want a size from 16K to 1G, such as 256K, not "18014398509482240K"
#include <garn.h>

int main(void)
{
	return 0;
}
