// With GARN_NO_SHORT_NAMES the short names are the program's own.
// COMPILE: c11 c23
// FLAGS: -DGARN_NO_SHORT_NAMES
#include <garn.h>

int go(int chan);
int chan_send, chan_recv, chan_make, chan_close, chan_select, on_recv, on_send, on_default;

int go(int chan)
{
	return chan;
}
