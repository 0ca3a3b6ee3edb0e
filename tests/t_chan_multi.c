// Many consumers of one queue, goroutines and threads, that end when it is closed: each value is worked on once. And a
// choice between sends that could both go is not always the same.
#include "t_sync.h"

enum { WORKERS = 23, VALUES = T_SCALED(20000) };
static const int primes[] = { 2, 3, 5, 7, 11, 13, 17, 19, 23, 29 };

static chan(int) queue, results;

static void work(void *arg)
{
	int v, n = 0;
	(void)arg;
	while (chan_recv_ok(queue, &v)) {
		if (primes[++n % 10] == v)
			garn_yield();
		chan_send(results, v);
	}
	chan_send(results, -1);
}

static void feed(long long *sum)
{
	for (int i = 0; i < VALUES; i++) {
		*sum += primes[(i * 7) % 10];
		chan_send(queue, primes[(i * 7) % 10]);
	}
	chan_close(queue);
}

static void consumers(int cap, int threads)
{
	struct t_worker w[WORKERS];
	long long expect = 0, sum = 0;
	int n = 0, v;
	queue = chan_make(int, cap);
	results = chan_make(int, cap);
	for (int i = 0; i < WORKERS; i++)
		t_start(&w[i], i < threads, work, NULL);
	go(feed, &expect);
	for (int ends = 0; ends < WORKERS;) {
		v = chan_recv(results);
		if (v < 0) {
			ends++;
		} else {
			sum += v;
			n++;
		}
	}
	CHECK_EQ(n, VALUES);
	CHECK_EQ(sum, expect);
	for (int i = 0; i < WORKERS; i++)
		t_join(&w[i]);
	chan_unref(queue);
	chan_unref(results);
}

static void random_bits(chan(int) c, int n)
{
	for (int i = 0; i < n; i++)
		chan_select(on_send(c, 0), on_send(c, 1));
	chan_close(c);
}

static void not_constant(int cap)
{
	enum { N = 200 };
	chan(int) c = chan_make(int, cap);
	int n[2] = { 0, 0 }, v;
	go(random_bits, c, N);
	while (chan_recv_ok(c, &v))
		n[v]++;
	CHECK_EQ(n[0] + n[1], N);
	CHECK(n[0] > N / 10 && n[1] > N / 10); // 40 of 200 is more than 8 sigma away
	chan_unref(c);
}

int main(void)
{
	consumers(0, 0);
	consumers(50, 0);
	consumers(2, 5);
	consumers(7, WORKERS);
	not_constant(0);
	not_constant(1);
	not_constant(100);
	return 0;
}
