// GARN_MAXPROCS that is no number is not guessed at.
// ENV: GARN_MAXPROCS=many
// PROCS: 1
// EXPECT: fatal error: GARN_MAXPROCS: want a number from 1 to 1024, not "many"
// REJECT: [
#include <garn.h>

int main(void)
{
	return 0;
}
