// e: select over four unbuffered channels, a sender on each; the unit is one item.
#include "bench.h"

static void sender(chan(long) c, long n)
{
	for (long i = 1; i <= n; i++)
		chan_send(c, i);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 1000000) / 4;
	chan(long) c[4];
	int64_t start = garn_now();
	for (int i = 0; i < 4; i++) {
		c[i] = chan_make(long, 0);
		go(sender, c[i], n);
	}
	long sum = 0, count[4] = {0};
	for (long i = 0; i < 4 * n; i++) {
		long v = 0;
		int k = chan_select(on_recv(c[0], &v), on_recv(c[1], &v), on_recv(c[2], &v), on_recv(c[3], &v));
		sum += v;
		count[k]++;
	}
	int ok = sum == 4 * (n * (n + 1) / 2);
	for (int i = 0; i < 4; i++)
		ok = ok && count[i] == n;
	must("e_select", ok);
	report("e_select", start, 4 * n);
	for (int i = 0; i < 4; i++)
		chan_unref(c[i]);
	return 0;
}
