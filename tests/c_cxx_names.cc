// With GARN_NO_SHORT_NAMES the short names are the program's own, and the long ones do everything.
// COMPILE: c++17 c++20
// FLAGS: -DGARN_NO_SHORT_NAMES
#include <garn.h>

int go(int chan);
int chan_send, chan_recv, chan_make, chan_close, chan_select, on_recv, on_send, on_timeout, on_default, go_with;

int go(int chan)
{
	return chan;
}

static void f(int n, garn_chan_of(int) c)
{
	garn_send_chan(c, n);
}

int all(garn_chan_of(int) c);
int all(garn_chan_of(int) c)
{
	int v = 0;
	garn::chan<int> d = garn::chan_make<int>(1);
	garn_go(f, go(1), c);
	garn::go(f, 2, d);
	garn_go_with(garn_attr(.name = "f"), f, 3, d);
	return garn::chan_select(garn::on_recv(c, &v), garn::on_send(d, 1), garn::on_timeout(1), garn::on_default) + v;
}
