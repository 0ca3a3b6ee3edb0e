// A ticker's channel is the ticker's own: who drops it while the ticker runs learns who drops it.
// EXPECT: fatal error: chan_unref: this channel is a running ticker's, and garn_ticker_stop drops it
// EXPECT: main
#include <garn.h>

int main(void)
{
	garn_ticker k = { 0 };
	chan(int64_t) c = garn_ticker_start(&k, GARN_MS(1));
	chan_unref(c);
	garn_sleep(GARN_MS(50));
	return 0;
}
