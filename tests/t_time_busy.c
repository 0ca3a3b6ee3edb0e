// Timers fire though the Ps are kept busy, and though there are thousands; and those of Ps that are taken away.
#include "garn.h"
#include "test.h"

static uint32_t stop;

static bool stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_ACQUIRE) != 0;
}

static void set(void *flag)
{
	__atomic_store_n((uint32_t *)flag, 1, __ATOMIC_RELEASE);
}

// Each always has the other to wake: a P that only takes from its queue would never look at the clock.
static void pingpong(chan(int) in, chan(int) out, chan(int) done)
{
	while (!stopped()) {
		chan_send(out, 1);
		chan_recv(in);
	}
	chan_try_send(out, 1); // the other may have one more wait before it
	chan_send(done, 1);
}

static void yielder(chan(int) done)
{
	while (!stopped())
		garn_yield();
	chan_send(done, 1);
}

static void starvation(void)
{
	chan(int) a = chan_make(int, 1), b = chan_make(int, 1), done = chan_make(int, 2);
	int n = 0;
	garn_timer t = { 0 };
	__atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
	garn_timer_start(&t, GARN_MS(5), set, &stop);
	go(pingpong, a, b, done), n++;
	go(pingpong, b, a, done), n++;
	for (; n > 0; n--)
		chan_recv(done);

	// The one who waits for the ticks is among them; it ends the game.
	__atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
	for (; n < 2 * garn_gomaxprocs(0); n++)
		go(yielder, done);
	garn_ticker k = { 0 };
	chan(int64_t) c = garn_ticker_start(&k, GARN_US(500));
	for (int i = 0; i < 10; i++)
		chan_recv(c);
	garn_ticker_stop(&k);
	garn_sleep(GARN_MS(1));
	set(&stop);
	for (; n > 0; n--)
		chan_recv(done);
	chan_unref(a);
	chan_unref(b);
	chan_unref(done);
}

static void sleeper(int64_t when, chan(int) done)
{
	garn_sleep(when - garn_now());
	CHECK(garn_now() >= when);
	chan_send(done, 1);
}

// Thousands asleep for long, and many that are put off all the time: a sweep must not eat the day.
enum { SLEEPERS = 5000 / T_SCALE, RESETS = 100000 / T_SCALE };

static void never(void *arg)
{
	(void)arg;
	CHECK(!"a timer that was put off fired");
}

static void adjust(int seed, chan(int) done)
{
	enum { N = 100 };
	struct t_rng r = t_rng(t_seed(), (uint64_t)seed);
	garn_timer *t = calloc(N, sizeof *t);
	for (int i = 0; i < N; i++)
		garn_timer_start(&t[i], GARN_S(3600), never, NULL);
	for (int i = 0; i < RESETS / 4; i++) {
		CHECK(garn_timer_reset(&t[t_below(&r, N)], GARN_S(3600) + (int64_t)t_below(&r, 1000000000)));
		if (i % 1000 == 0)
			garn_yield();
	}
	for (int i = 0; i < N; i++)
		CHECK(garn_timer_stop(&t[i]));
	free(t);
	chan_send(done, 1);
}

static void crowd(struct t_rng *r)
{
	chan(int) done = chan_make(int, 100);
	int64_t start = garn_now();
	int n = 0;
	for (int i = 0; i < SLEEPERS; i++, n++)
		go(sleeper, start + GARN_MS(5) + (int64_t)t_below(r, 50000000), done);
	for (int i = 0; i < 4; i++, n++)
		go(adjust, i, done);
	for (; n > 0; n--)
		chan_recv(done);
	chan_unref(done);
}

static void spread(int64_t ns, chan(int) ready, chan(int) done)
{
	int64_t start = garn_now();
	garn_timer t = { 0 };
	uint32_t fired = 0;
	garn_timer_start(&t, ns, set, &fired);
	chan(int64_t) c = garn_after(ns);
	chan_send(ready, 1);
	garn_sleep(ns);
	CHECK(chan_recv(c) >= start + ns);
	while (!__atomic_load_n(&fired, __ATOMIC_ACQUIRE))
		garn_sleep(GARN_US(100));
	chan_unref(c);
	chan_send(done, 1);
}

// Started on many Ps, of which one is left; and back.
static void shrink(void)
{
	chan(int) ready = chan_make(int, 100), done = chan_make(int, 100);
	int old = garn_gomaxprocs(0), n;
	for (int round = 0; round < 5; round++) {
		garn_gomaxprocs(8);
		for (n = 0; n < 200 / T_SCALE; n++)
			go(spread, GARN_MS(2) + n * GARN_US(10), ready, done);
		for (int i = 0; i < n; i++)
			chan_recv(ready);
		CHECK_EQ(garn_gomaxprocs(round % 2 ? 2 : 1), 8);
		garn_sleep(GARN_MS(1));
		if (round == 3)
			garn_gomaxprocs(5);
		for (; n > 0; n--)
			chan_recv(done);
	}
	garn_gomaxprocs(old);
	chan_unref(ready);
	chan_unref(done);
}

// One asleep, nothing else: not a deadlock, however often.
static void lonely(void)
{
	for (int i = 0; i < 100; i++)
		garn_sleep(GARN_US(100) + i * 1000);
	for (int i = 0; i < 20; i++) {
		chan(int64_t) c = garn_after(GARN_US(100));
		chan_recv(c);
		chan_unref(c);
		CHECK_EQ(chan_select(on_timeout(GARN_US(100))), 0);
	}
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	lonely();
	starvation();
	crowd(&r);
	shrink();
	lonely();
	return 0;
}
