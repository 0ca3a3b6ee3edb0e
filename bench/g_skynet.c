// g: skynet: a tree of goroutines, ten a level, a million leaves, sums passed up over channels; the unit is one leaf.
#include "bench.h"

static void skynet(chan(long) c, long num, long leaves)
{
	if (leaves == 1) {
		chan_send(c, num);
		return;
	}
	chan(long) rc = chan_make(long, 0);
	leaves /= 10;
	for (int i = 0; i < 10; i++)
		go(skynet, rc, num + i * leaves, leaves);
	long sum = 0;
	for (int i = 0; i < 10; i++)
		sum += chan_recv(rc);
	chan_unref(rc); // every child has sent: none will touch it again
	chan_send(c, sum);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 1000000); // a power of ten
	chan(long) c = chan_make(long, 0);
	int64_t start = garn_now();
	go(skynet, c, 0, n);
	long sum = chan_recv(c);
	must("g_skynet", sum == n * (n - 1) / 2);
	report("g_skynet", start, n);
	chan_unref(c);
	return 0;
}
