// A running ticker may not be started again.
// EXPECT: fatal error: garn_ticker_start: ticker already started
// STATUS: 2
#include "garn.h"

int main(void)
{
	garn_ticker k = { 0 };
	garn_ticker_start(&k, GARN_MS(1));
	garn_ticker_start(&k, GARN_MS(1));
	return 0;
}
