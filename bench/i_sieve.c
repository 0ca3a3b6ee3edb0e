// i: the prime sieve, a goroutine for each prime found, over unbuffered channels; the unit is one prime.
#include "bench.h"

static void generate(chan(long) out)
{
	for (long n = 2;; n++)
		chan_send(out, n);
}

static void filter(chan(long) in, chan(long) out, long prime)
{
	for (;;) {
		long n = chan_recv(in);
		if (n % prime != 0)
			chan_send(out, n);
	}
}

// The n-th prime by trial division.
static long plain(long n)
{
	for (long v = 2;; v++) {
		bool prime = true;
		for (long d = 2; d * d <= v && prime; d++)
			prime = v % d != 0;
		if (prime && --n == 0)
			return v;
	}
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 2500);
	long want = plain(n);
	int64_t start = garn_now();
	chan(long) c = chan_make(long, 0);
	go(generate, c);
	long prime = 0;
	for (long i = 0; i < n; i++) {
		prime = chan_recv(c);
		chan(long) next = chan_make(long, 0);
		go(filter, c, next, prime);
		c = next;
	}
	must("i_sieve", prime == want);
	report("i_sieve", start, n); // the filters run for ever: they end with the process
	return 0;
}
