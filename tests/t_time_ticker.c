// garn_ticker: ticks not early and in order, those nobody took dropped, nothing after stop; a channel with room for one.
#include "garn.h"
#include "test.h"

static void rhythm(int64_t ns, int n, chan(int) done)
{
	garn_ticker k = { 0 };
	int64_t start = garn_now(), last = 0;
	chan(int64_t) c = garn_ticker_start(&k, ns);
	for (int i = 1; i <= n; i++) {
		int64_t v = chan_recv(c);
		CHECK(v >= start + i * ns); // each is a tick of its own
		CHECK(v > last && v <= garn_now());
		last = v;
	}
	garn_ticker_stop(&k);
	chan_send(done, 1);
}

static void rules(void)
{
	int64_t v;
	garn_ticker k = { 0 };
	garn_ticker_stop(&k); // never started: nothing
	chan(int64_t) c = garn_ticker_start(&k, GARN_S(3600));
	CHECK_EQ(chan_cap(c), 1);
	CHECK_EQ(chan_len(c), 0);
	CHECK(!chan_try_recv(c, &v));
	garn_ticker_stop(&k);
	garn_ticker_stop(&k);

	c = garn_ticker_start(&k, INT64_MAX);
	CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(GARN_US(100))), 1);
	garn_ticker_stop(&k);

	// A tick that waits is gone after stop, for those who hold on to the channel too.
	c = chan_ref(garn_ticker_start(&k, GARN_US(100)));
	while (chan_len(c) == 0)
		garn_sleep(GARN_US(50));
	CHECK_EQ(chan_len(c), 1);
	garn_ticker_stop(&k);
	CHECK_EQ(chan_len(c), 0);
	CHECK(!chan_try_recv(c, &v));
	CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(GARN_MS(1))), 1);
	CHECK_EQ(chan_len(c), 0);
	chan_unref(c);
}

// However many were missed, one waits (and a few may be on their way, one a thread); then the rhythm goes on from now.
static void drops(void)
{
	garn_ticker k = { 0 };
	int64_t ns = GARN_US(100), last = 0;
	chan(int64_t) c = garn_ticker_start(&k, ns);
	chan_recv(c);
	garn_sleep(100 * ns);
	int64_t now = garn_now();
	CHECK(chan_len(c) <= 1);
	int old = 0;
	for (int i = 0; i < 60; i++) {
		int64_t v = chan_recv(c);
		CHECK(v > last);
		last = v;
		old += v < now;
	}
	CHECK(old < 50);
	garn_ticker_stop(&k);
}

// Stop at any moment, with the channel held: nothing ever comes after.
static void stops(int seed, chan(int) done)
{
	struct t_rng r = t_rng(t_seed(), (uint64_t)seed);
	garn_ticker k = { 0 };
	for (int i = 0; i < 1000 / T_SCALE; i++) {
		int64_t v;
		chan(int64_t) c = chan_ref(garn_ticker_start(&k, 1 + (int64_t)t_below(&r, 3000)));
		for (uint64_t n = t_below(&r, 3); n > 0; n--)
			chan_recv(c);
		if (t_below(&r, 2))
			garn_yield();
		garn_ticker_stop(&k);
		CHECK_EQ(chan_len(c), 0);
		garn_yield();
		CHECK(!chan_try_recv(c, &v));
		chan_unref(c);
	}
	chan_send(done, 1);
}

// Several take from one ticker: each tick goes to one of them.
static uint32_t taken;

static void taker(chan(int64_t) c, chan(int) quit, chan(int) done)
{
	int64_t last = 0, v;
	while (chan_select(on_recv(c, &v), on_recv(quit, NULL)) == 0) {
		CHECK(v > last);
		last = v;
		__atomic_fetch_add(&taken, 1, __ATOMIC_RELEASE);
	}
	chan_send(done, 1);
}

static void takers(void)
{
	enum { N = 5 };
	garn_ticker k = { 0 };
	chan(int) quit = chan_make(int, 0), done = chan_make(int, 0);
	int64_t start = garn_now(), ns = GARN_US(20);
	chan(int64_t) c = garn_ticker_start(&k, ns);
	for (int i = 0; i < N; i++)
		go(taker, c, quit, done);
	while (__atomic_load_n(&taken, __ATOMIC_ACQUIRE) < 100)
		garn_sleep(GARN_US(100));
	chan_close(quit);
	for (int i = 0; i < N; i++)
		chan_recv(done);
	CHECK(taken <= (garn_now() - start) / ns);
	garn_ticker_stop(&k);
	chan_unref(quit);
	chan_unref(done);
}

int main(void)
{
	t_seed(); // the first call, before there are others
	chan(int) done = chan_make(int, 0);
	rules();
	drops();
	for (int i = 0; i < 10; i++)
		go(rhythm, GARN_US(50) + i * GARN_US(130), 20, done);
	for (int i = 0; i < 4; i++)
		go(stops, i, done);
	for (int i = 0; i < 14; i++)
		chan_recv(done);
	takers();
	chan_unref(done);
	return 0;
}
