// A choice among ready clauses is uniform: every count lies within 10 sigma of what it should be, at every position, with
// clauses between that cannot go, for receives and sends; on_default is never chosen when something is ready.
#include "t_sync.h"

enum { TRIALS = T_SCALED(20000) };

// n of TRIALS, where each had a chance of 1 in k. The variance is TRIALS (k - 1) / k^2.
static void plausible(long n, long k)
{
	long off = n * k - TRIALS;
	if (off * off > 100L * TRIALS * (k - 1))
		fprintf(stderr, "%ld of %d where 1 of %ld was due\n", n, (int)TRIALS, k);
	CHECK(off * off <= 100L * TRIALS * (k - 1));
}

static void two_closed(void)
{
	chan(int) a = chan_make(int, 0), b = chan_make(int, 0), nil = NULL;
	long n[5] = { 0 };
	chan_close(a);
	chan_close(b);
	for (int i = 0; i < TRIALS; i++)
		n[chan_select(on_recv(nil, NULL), on_recv(a, NULL), on_default, on_send((chan(int))NULL, 1), on_recv(b, NULL))]++;
	CHECK(n[0] == 0 && n[2] == 0 && n[3] == 0);
	plausible(n[1], 2);
	plausible(n[4], 2);
	chan_unref(a);
	chan_unref(b);
}

static void many_closed(int k)
{
	struct garn_case c[20];
	long n[20] = { 0 };
	for (int i = 0; i < k; i++) {
		c[i] = (struct garn_case){ .kind = GARN_CASE_RECV, .c = garn_chan_make(1, 0) };
		garn_chan_close(c[i].c);
	}
	for (int i = 0; i < TRIALS; i++)
		n[garn_select(c, (size_t)k)]++;
	for (int i = 0; i < k; i++) {
		plausible(n[i], k);
		garn_chan_unref(c[i].c);
	}
}

// One channel, room for one: as sender and receiver in turn.
static void sends(void)
{
	chan(int) c = chan_make(int, 1);
	long n[3] = { 0 };
	for (int i = 0; i < TRIALS; i++) {
		int k = chan_select(on_send(c, 0), on_send(c, 1), on_send(c, 2));
		CHECK_EQ(chan_recv(c), k);
		n[k]++;
	}
	for (int i = 0; i < 3; i++)
		plausible(n[i], 3);
	chan_unref(c);
}

// Buffered values on both, put back each time.
static void buffered(void)
{
	chan(int) a = chan_make(int, 2), b = chan_make(int, 2);
	long n[2] = { 0 };
	int v;
	chan_send(a, 1);
	chan_send(b, 2);
	for (int i = 0; i < TRIALS; i++) {
		int k = chan_select(on_recv(a, &v), on_recv(b, &v));
		CHECK_EQ(v, k + 1);
		n[k]++;
		chan_send(k == 0 ? a : b, v);
	}
	plausible(n[0], 2);
	plausible(n[1], 2);
	chan_unref(a);
	chan_unref(b);
}

// The same place in the list every time, but the last channel that won is never ready twice in a row: each of three
// gets its share all the same.
static void no_favourite(void)
{
	chan(int) c[3] = { chan_make(int, 1), chan_make(int, 1), chan_make(int, 1) };
	long n[3] = { 0 };
	int last = 2, v;
	chan_send(c[0], 1);
	chan_send(c[1], 1);
	for (int i = 0; i < TRIALS; i++) {
		int k = chan_select(on_recv(c[0], &v), on_recv(c[1], &v), on_recv(c[2], &v));
		CHECK(k != last);
		chan_send(c[last], 1);
		last = k;
		n[k]++;
	}
	for (int i = 0; i < 3; i++)
		plausible(n[i], 3);
	for (int i = 0; i < 3; i++)
		chan_unref(c[i]);
}

int main(void)
{
	two_closed();
	for (int k = 2; k <= 20; k += 3)
		many_closed(k);
	sends();
	buffered();
	no_favourite();
	return 0;
}
