// d2: a channel of 128, four producers, four consumers; the unit is one item.
#include "bench.h"

static void producer(chan(long) c, long n, garn_waitgroup *wg)
{
	for (long i = 1; i <= n; i++)
		chan_send(c, i);
	garn_waitgroup_done(wg);
}

static void consumer(chan(long) c, chan(long) results)
{
	long sum = 0, v;
	while (chan_recv_ok(c, &v))
		sum += v;
	chan_send(results, sum);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 10000000) / 4;
	chan(long) c = chan_make(long, 128);
	chan(long) results = chan_make(long, 4);
	garn_waitgroup wg = {0};
	int64_t start = garn_now();
	garn_waitgroup_add(&wg, 4);
	for (int i = 0; i < 4; i++) {
		go(producer, c, n, &wg);
		go(consumer, c, results);
	}
	garn_waitgroup_wait(&wg);
	chan_close(c);
	long sum = 0;
	for (int i = 0; i < 4; i++)
		sum += chan_recv(results);
	must("d2_buffered4", sum == 4 * (n * (n + 1) / 2));
	report("d2_buffered4", start, 4 * n);
	chan_unref(c);
	chan_unref(results);
	return 0;
}
