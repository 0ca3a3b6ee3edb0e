// d1: a channel of 128, one producer, one consumer; the unit is one item.
#include "bench.h"

static void producer(chan(long) c, long n)
{
	for (long i = 1; i <= n; i++)
		chan_send(c, i);
	chan_close(c);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 10000000);
	chan(long) c = chan_make(long, 128);
	int64_t start = garn_now();
	go(producer, c, n);
	long sum = 0, v;
	while (chan_recv_ok(c, &v))
		sum += v;
	must("d1_buffered", sum == n * (n + 1) / 2);
	report("d1_buffered", start, n);
	chan_unref(c);
	return 0;
}
