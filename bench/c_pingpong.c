// c: ping-pong over two unbuffered channels; the unit is one round trip.
#include "bench.h"

static void ponger(chan(long) ping, chan(long) pong)
{
	long v;
	while (chan_recv_ok(ping, &v))
		chan_send(pong, v + 1);
	chan_close(pong);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 1000000);
	chan(long) ping = chan_make(long, 0);
	chan(long) pong = chan_make(long, 0);
	int64_t start = garn_now();
	go(ponger, ping, pong);
	long v = 0, last;
	for (long i = 0; i < n; i++) {
		chan_send(ping, v);
		v = chan_recv(pong);
	}
	chan_close(ping);
	bool ok = chan_recv_ok(pong, &last);
	must("c_pingpong", v == n && !ok);
	report("c_pingpong", start, n);
	chan_unref(ping);
	chan_unref(pong);
	return 0;
}
