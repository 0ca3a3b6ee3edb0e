// Sleep: never early, whoever sleeps; zero and less return at once; the far end of time does not wrap; the timer that a
// goroutine keeps serves its sleeps and its selects in turn.
#include "garn.h"
#include "test.h"
#include <pthread.h>
#include <signal.h>

static void slept(int64_t ns)
{
	int64_t a = t_now(), b = garn_now();
	garn_sleep(ns);
	CHECK(garn_now() - b >= ns);
	CHECK(t_now() - a >= ns);
}

static void clocks(void)
{
	int64_t last = 0;
	for (int i = 0; i < 1000; i++) {
		int64_t a = t_now(), now = garn_now(), b = t_now();
		CHECK(a <= now && now <= b); // CLOCK_MONOTONIC, in nanoseconds
		CHECK(now >= last);
		last = now;
	}
}

static void zero(chan(int) done)
{
	for (int i = 0; i < 1000; i++) {
		garn_sleep(0);
		garn_sleep(-1);
		garn_sleep(INT64_MIN);
		garn_yield();
	}
	chan_send(done, 1);
}

static void one(int64_t ns, int times, chan(int) done)
{
	for (int i = 0; i < times; i++)
		slept(ns);
	chan_send(done, 1);
}

static void forever(int64_t ns, uint32_t *woken)
{
	garn_sleep(ns);
	__atomic_store_n(woken, 1, __ATOMIC_RELEASE);
}

static void *thread(void *arg)
{
	(void)arg;
	errno = 71;
	slept(0);
	slept(-5);
	slept(GARN_US(50));
	slept(GARN_MS(3));
	CHECK_EQ(errno, 71);
	return NULL;
}

static volatile sig_atomic_t signals;
static pthread_t sleeping_thread;

static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

// A signal does not end the sleep of a thread.
static void *disturbed(void *arg)
{
	slept(GARN_MS(20));
	__atomic_store_n((uint32_t *)arg, 1, __ATOMIC_RELEASE);
	return NULL;
}

// A short sleep is not rounded up to the next millisecond. A busy machine is late now and then, but not each time.
static void fine(bool select)
{
	int64_t least = INT64_MAX, end = t_now() + GARN_S(20);
	while (least >= GARN_US(500)) {
		int64_t a = t_now();
		if (select)
			CHECK_EQ(chan_select(on_timeout(GARN_US(50))), 0);
		else
			garn_sleep(GARN_US(50));
		int64_t took = t_now() - a;
		least = took < least ? took : least;
		CHECK(t_now() < end);
	}
}

static void *finethread(void *arg)
{
	fine(false);
	fine(true);
	return arg;
}

// Sleeps and selects of one goroutine take turns with its timer, won and lost.
static void turns(int seed, chan(int) done)
{
	struct t_rng r = t_rng(t_seed(), (uint64_t)seed);
	chan(int) c = chan_make(int, 1);
	for (int i = 0; i < 300 / T_SCALE; i++) {
		int64_t ns = 1 + (int64_t)t_below(&r, 100000), start = garn_now();
		int v;
		switch (t_below(&r, 4)) {
		case 0:
			slept(ns);
			break;
		case 1:
			CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(ns)), 1);
			CHECK(garn_now() - start >= ns);
			break;
		case 2:
			chan_send(c, i);
			CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(ns)), 0);
			CHECK_EQ(v, i);
			break;
		case 3: { // the value and the timeout at about the same time
			chan(int64_t) a = garn_after(ns);
			if (chan_select(on_recv(a, NULL), on_timeout(ns)) == 1)
				chan_recv(a);
			CHECK(garn_now() - start >= ns);
			chan_unref(a);
			break;
		}
		}
	}
	chan_unref(c);
	chan_send(done, 1);
}

int main(void)
{
	chan(int) done = chan_make(int, 0);
	int n = 0;
	clocks();
	fine(false);
	fine(true);
	for (int i = 0; i < 20; i++, n++)
		go(zero, done);
	for (; n > 0; n--)
		chan_recv(done);

	errno = 70;
	slept(1);
	slept(GARN_US(50));
	slept(GARN_MS(5));
	CHECK_EQ(errno, 70);

	static uint32_t woken;
	go(forever, INT64_MAX, &woken);
	go(forever, INT64_MAX - 1, &woken);
	go(forever, INT64_MAX / 2, &woken);
	go(forever, INT64_MAX - garn_now(), &woken);

	struct t_rng r = t_rng(t_seed(), 0);
	for (; n < 200; n++)
		go(one, (int64_t)t_below(&r, 3000000), 1 + n % 5, done);
	for (int i = 0; i < 10; i++, n++)
		go(turns, i + 1, done);
	for (; n > 0; n--)
		chan_recv(done);

	pthread_t th[4];
	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_create(&th[i], NULL, i == 3 ? finethread : thread, NULL), 0);
	struct sigaction sa = { .sa_handler = on_signal };
	sigaction(SIGUSR1, &sa, NULL);
	uint32_t over = 0;
	CHECK_EQ(pthread_create(&sleeping_thread, NULL, disturbed, &over), 0);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		pthread_kill(sleeping_thread, SIGUSR1);
		garn_sleep(GARN_US(200));
	}
	for (int i = 0; i < 4; i++)
		pthread_join(th[i], NULL);
	pthread_join(sleeping_thread, NULL);
	CHECK_EQ(__atomic_load_n(&woken, __ATOMIC_ACQUIRE), 0);
	chan_unref(done);
	return 0;
}
