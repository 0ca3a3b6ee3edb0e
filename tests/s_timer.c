// Everything that has a timer, at once: goroutines and threads start, stop and put off timers that they share, take ticks
// and drop tickers, sleep, and wait with timeouts, while the number of Ps changes. Every arming of a timer must end
// exactly once: run, stopped, or put off; nothing may come early, nor after a stop.
#include "garn.h"
#include "test.h"
#include <pthread.h>

enum { WORKERS = 12, THREADS = 3, SHARED = 24, OWN = 8 };

static int64_t finish;
static chan(int) done;

struct counted {
	garn_timer t;
	uint32_t armed, ended, ran; // A
};

static struct counted shared[SHARED];

static void count(void *arg)
{
	__atomic_fetch_add(&((struct counted *)arg)->ran, 1, __ATOMIC_RELEASE);
}

static void add(uint32_t *n, uint32_t k)
{
	__atomic_fetch_add(n, k, __ATOMIC_RELEASE);
}

static uint32_t get(uint32_t *n)
{
	return __atomic_load_n(n, __ATOMIC_ACQUIRE);
}

static int64_t a_while(struct t_rng *r)
{
	switch (t_below(r, 6)) {
	case 0: return 0;
	case 1: return (int64_t)t_below(r, 100);
	case 2: return GARN_S(3600) + (int64_t)t_below(r, 1000000000);
	default: return (int64_t)t_below(r, 200000);
	}
}

static void shared_timers(struct t_rng *r)
{
	for (int i = 0; i < 20; i++) {
		struct counted *x = &shared[t_below(r, SHARED)];
		if (t_below(r, 3) == 0) {
			add(&x->ended, garn_timer_stop(&x->t));
		} else {
			add(&x->armed, 1);
			add(&x->ended, garn_timer_reset(&x->t, a_while(r)));
		}
	}
}

static void count_lost(void *arg)
{
	add((uint32_t *)arg, 1);
}

// Freed and overwritten after stop, whatever it said; the function may still be about to run.
static void own_timers(struct t_rng *r)
{
	uint32_t ran[OWN] = { 0 }, armed = 0, ended = 0;
	for (int i = 0; i < OWN; i++) {
		garn_timer *x = calloc(1, sizeof *x);
		garn_timer_start(x, (int64_t)t_below(r, 60000), count_lost, &ran[i]);
		armed++;
		if (t_below(r, 4) == 0)
			garn_yield();
		if (t_below(r, 2)) {
			ended += garn_timer_reset(x, (int64_t)t_below(r, 60000));
			armed++;
		}
		ended += garn_timer_stop(x);
		memset(x, 0xaa, sizeof *x);
		free(x);
	}
	for (;;) {
		uint32_t sum = 0;
		for (int i = 0; i < OWN; i++)
			sum += get(&ran[i]);
		CHECK(sum + ended <= armed);
		if (sum + ended == armed)
			break;
		garn_sleep(1000);
	}
}

static void tickers(struct t_rng *r)
{
	garn_ticker k = { 0 };
	int64_t v, last = 0, ns = 1 + (int64_t)t_below(r, 20000), start = garn_now();
	chan(int64_t) c = chan_ref(garn_ticker_start(&k, ns));
	for (int i = 1, n = (int)t_below(r, 5); i <= n; i++) {
		v = chan_recv(c);
		CHECK(v > last && v >= start + i * ns);
		last = v;
	}
	if (t_below(r, 2))
		garn_sleep((int64_t)t_below(r, 50000));
	garn_ticker_stop(&k);
	CHECK_EQ(chan_len(c), 0);
	garn_yield();
	CHECK(!chan_try_recv(c, &v));
	chan_unref(c);
}

static void waits(struct t_rng *r, chan(int) mine)
{
	int64_t ns = (int64_t)t_below(r, 100000), start = garn_now(), v;
	int x;
	chan(int64_t) c;
	switch (t_below(r, 5)) {
	case 0:
		garn_sleep(ns);
		CHECK(garn_now() - start >= ns);
		break;
	case 1:
		c = garn_after(ns);
		v = chan_recv(c);
		CHECK(v - start >= ns);
		chan_unref(c);
		break;
	case 2:
		c = garn_after(ns);
		if (t_below(r, 2))
			garn_sleep(ns / 2);
		chan_unref(c);
		break;
	case 3: // two timers of this goroutine for the same moment, one through a channel
		c = garn_after(ns);
		if (chan_select(on_recv(mine, &x), on_recv(c, &v), on_timeout(ns + 1)) == 2)
			CHECK(garn_now() - start >= ns);
		chan_unref(c);
		break;
	case 4:
		if (t_below(r, 2))
			chan_try_send(mine, 1);
		if (chan_select(on_timeout(ns + 1), on_recv(mine, &x)) == 0)
			CHECK(garn_now() - start >= ns);
		break;
	}
}

static void work(uint64_t seed)
{
	struct t_rng r = t_rng(t_seed(), seed);
	chan(int) mine = chan_make(int, 1);
	while (garn_now() < finish) {
		switch (t_below(&r, 5)) {
		case 0: case 1: shared_timers(&r); break;
		case 2: own_timers(&r); break;
		case 3: tickers(&r); break;
		case 4: waits(&r, mine); break;
		}
	}
	chan_unref(mine);
}

static void worker(uint64_t seed)
{
	work(seed);
	chan_send(done, 1);
}

static void *thread(void *arg)
{
	work((uint64_t)(uintptr_t)arg);
	chan_send(done, 1);
	return NULL;
}

// Busy by calculation, without a call of ours.
static void spinner(void)
{
	volatile uint64_t x = 1;
	while (garn_now() < finish) {
		for (int i = 0; i < 3000000; i++)
			x = x * 3 + 1;
		garn_sleep(GARN_MS(1));
	}
	chan_send(done, 1);
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	pthread_t th[THREADS];
	int procs = garn_gomaxprocs(0);
	finish = garn_now() + t_stress_time();
	done = chan_make(int, 0);
	for (int i = 0; i < SHARED; i++) {
		shared[i].armed = 1;
		garn_timer_start(&shared[i].t, a_while(&r), count, &shared[i]);
	}
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&th[i], NULL, thread, (void *)(uintptr_t)(1000 + i)), 0);
	for (int i = 0; i < WORKERS; i++)
		go(worker, (uint64_t)i + 1);
	go(spinner);
	while (garn_now() < finish) {
		garn_sleep((int64_t)t_below(&r, 20000000));
		if (procs > 1)
			garn_gomaxprocs(1 + (int)t_below(&r, (uint64_t)procs));
	}
	for (int i = 0; i < WORKERS + THREADS + 1; i++)
		chan_recv(done);
	for (int i = 0; i < THREADS; i++)
		pthread_join(th[i], NULL);
	for (int i = 0; i < SHARED; i++) {
		struct counted *x = &shared[i];
		x->ended += garn_timer_stop(&x->t);
		while (get(&x->ran) + x->ended < x->armed)
			garn_sleep(GARN_US(100));
	}
	garn_sleep(GARN_MS(2)); // for whatever should not come
	for (int i = 0; i < SHARED; i++)
		CHECK_EQ(get(&shared[i].ran) + shared[i].ended, shared[i].armed);
	return 0;
}
