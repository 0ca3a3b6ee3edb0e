// A ticker needs an interval.
// EXPECT: panic: non-positive interval for garn_ticker_start
// EXPECT: goroutine 1 [running]:
// STATUS: 2
#include "garn.h"

int main(void)
{
	garn_ticker k = { 0 };
	garn_ticker_start(&k, 1);
	garn_ticker_stop(&k);
	garn_ticker_start(&k, 0);
	return 0;
}
