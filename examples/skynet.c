// Skynet: a million goroutines, as a tree with ten branches a level, that add up the numbers from 0 to 999,999.
//
//   ./garn run examples/skynet.c              a million leaves
//   ./garn run examples/skynet.c -- 10000     another power of ten
//
// A leaf sends its number to its parent's channel; every other goroutine makes a channel, starts ten
// children on it, and sends on the sum of what they send. The time goes to stderr.
//
// What to look at: a goroutine costs so little that one for each number is a reasonable thing to do.
#include <garn.h>

#include <stdio.h>
#include <stdlib.h>

static void skynet(chan(long) parent, long first, long leaves)
{
	if (leaves == 1) {
		chan_send(parent, first);
		return;
	}
	chan(long) sums = chan_make(long, 0);
	for (int i = 0; i < 10; i++)
		go(skynet, sums, first + i * (leaves / 10), leaves / 10);
	long sum = 0;
	for (int i = 0; i < 10; i++)
		sum += chan_recv(sums);
	chan_unref(sums); // all ten have sent, which was the last thing they did with it
	chan_send(parent, sum);
}

int main(int argc, char **argv)
{
	long leaves = argc > 1 ? atol(argv[1]) : 1000000;
	long power = 1;
	while (power < leaves && power <= 10000000)
		power *= 10;
	if (power != leaves) {
		fprintf(stderr, "usage: skynet [LEAVES, a power of ten up to 10,000,000]\n");
		return 2;
	}

	int64_t start = garn_now();
	chan(long) top = chan_make(long, 0);
	go(skynet, top, 0, leaves);
	long sum = chan_recv(top);
	chan_unref(top);
	fprintf(stderr, "%.3f s\n", (double)(garn_now() - start) / 1e9);

	long expected = leaves * (leaves - 1) / 2;
	printf("%ld leaves, sum %ld: %s\n", leaves, sum, sum == expected ? "right" : "wrong");
	return sum == expected ? 0 : 1;
}
