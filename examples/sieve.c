// The prime sieve: a chain of goroutines, one for each prime found, joined by channels.
//
//   ./garn run examples/sieve.c             the first 100 primes
//   ./garn run examples/sieve.c -- 1000     the first 1000
//
// generate sends 2, 3, 4, ... into the chain. Each filter passes on what its prime does not divide, so the
// first number that comes out at the end is the next prime, and it becomes one more filter.
//
// What to look at: main is a goroutine like the others. An unbuffered channel hands each number over and keeps
// its two ends in step. To stop, main closes one channel; the news travels down the chain as each
// goroutine closes its own output. A channel is freed by whoever receives from it.
#include <garn.h>

#include <stdio.h>
#include <stdlib.h>

static void generate(chan(int) out, chan(int) stop)
{
	for (int n = 2; n > 0; n++)
		if (chan_select(on_send(out, n), on_recv(stop, NULL)) == 1)
			break;
	chan_close(out);
}

static void filter(chan(int) in, chan(int) out, int prime)
{
	int n;
	while (chan_recv_ok(in, &n))
		if (n % prime != 0)
			chan_send(out, n);
	chan_unref(in);
	chan_close(out);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 100;
	if (count < 1) {
		fprintf(stderr, "usage: sieve [HOW-MANY]\n");
		return 2;
	}

	chan(int) numbers = chan_make(int, 0);
	chan(int) stop = chan_make(int, 0);
	go(generate, numbers, stop);

	for (int i = 1; i <= count; i++) {
		int prime = chan_recv(numbers);
		printf("%d%c", prime, i % 10 == 0 || i == count ? '\n' : ' ');
		chan(int) next = chan_make(int, 0);
		go(filter, numbers, next, prime);
		numbers = next;
	}

	// What is still on its way comes out, then the end: by then every goroutine is done.
	int rest;
	chan_close(stop);
	while (chan_recv_ok(numbers, &rest))
		;
	chan_unref(numbers);
	chan_unref(stop);
	return 0;
}
