// Nor may time run backwards.
// EXPECT: panic: non-positive interval for garn_ticker_start
// STATUS: 2
#include "garn.h"

int main(void)
{
	garn_ticker k = { 0 };
	garn_ticker_start(&k, INT64_MIN);
	return 0;
}
