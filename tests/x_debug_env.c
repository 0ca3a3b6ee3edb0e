// GARN_DEBUG that makes no sense is not guessed at.
// ENV: GARN_DEBUG=schedtrace=10,scheddetails=1
// PROCS: 1
// EXPECT: fatal error: GARN_DEBUG: want schedtrace=MILLISECONDS, scheddetail=1, stacks=1, with commas between, not "schedtrace=10,scheddetails=1"
// REJECT: [
#include <garn.h>

int main(void)
{
	return 0;
}
