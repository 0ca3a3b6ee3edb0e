// What crowds needed besides stacks goes back when they are gone: after each, resident memory and page tables fall to near where they were at the
// beginning, whatever lives on (main, which sleeps; a ticker). The second time, on what was given back, all goes as well.
//   sleepers   a timer each
//   selects    with three cases and a timeout: three sudogs and a timer each
//   timers     no goroutine until they fire, most are stopped
//   spawns     with arguments in start records, from a thread that runs no goroutine, before any of them has run: all Ps are busy
// Sizes are scaled to seconds, so near is three quarters of what a kind would leave, and never more than 8 MB. A million by hand: FLAGS -DN=1000000.
// ENV: GARN_MAXHOGS=0
// PROCS: 8
// TIMEOUT: 120
// SAN: no-address no-thread no-hard (their own memory grows; HARD sleeps with the locks of channels held that thousands want)
#include "t_memory.h"
#include "t_sync.h"

#ifndef N
#define N T_SCALED(50000)
#endif
enum { TIMERS = 4 * N, SLACK = T_SCALE > 1 ? 4096 : 0 };
static garn_waitgroup wg;
static garn_timer timers[TIMERS];
static int n; // how many this time
static uint32_t ready, released;
static uint64_t sum;

static void sleeper(int64_t until, uint64_t i)
{
	ADD(ready, 1);
	garn_sleep(until - garn_now());
	ADD(sum, i);
	garn_waitgroup_done(&wg);
}

static void sleepers(void)
{
	int64_t until = garn_now() + GARN_MS(500) + n * INT64_C(20000);
	for (int i = 0; i < n; i++)
		go(sleeper, until, (uint64_t)i);
	t_await(&ready, (uint32_t)n);
}

static chan(int) a, b, c;

static void selecter(uint64_t i)
{
	int v = 0;
	ADD(ready, 1);
	CHECK(chan_select(on_recv(a, &v), on_recv(b, &v), on_recv(c, &v), on_timeout(GARN_MS(1000000))) < 3);
	ADD(sum, i);
	garn_waitgroup_done(&wg);
}

static void selects(void)
{
	a = chan_make(int, 0), b = chan_make(int, 0), c = chan_make(int, 0);
	for (int i = 0; i < n; i++)
		go(selecter, (uint64_t)i);
	t_await(&ready, (uint32_t)n);
}

static void selectsend(void)
{
	for (int i = 0; i < n; i++)
		chan_send(i % 3 == 0 ? a : i % 3 == 1 ? b : c, i);
	garn_waitgroup_wait(&wg);
	chan_unref(a), chan_unref(b), chan_unref(c);
}

static void fired(void *i)
{
	ADD(sum, (uint64_t)(uintptr_t)i);
	garn_waitgroup_done(&wg);
}

static void arm(void)
{
	for (int i = 0; i < 4 * n; i++)
		garn_timer_start(&timers[i], GARN_MS(1000000), fired, (void *)(intptr_t)i);
}

// One in four fires.
static void disarm(void)
{
	for (int i = 0; i < 4 * n; i++)
		if (i % 4)
			CHECK(garn_timer_stop(&timers[i]));
		else
			CHECK(garn_timer_reset(&timers[i], GARN_US(i / 4)));
}

struct big {
	uint64_t word[20];
};

static void spawned(struct big x, double half)
{
	for (uint64_t i = 0; i < 20; i++)
		CHECK_EQ(x.word[i], x.word[0] + i);
	CHECK(half * 2 == (double)x.word[0]);
	ADD(sum, x.word[0]);
	garn_waitgroup_done(&wg);
}

static void *spawner(void *unused)
{
	for (int i = 0; i < n; i++) {
		struct big x;
		for (uint64_t k = 0; k < 20; k++)
			x.word[k] = (uint64_t)i + k;
		go(spawned, x, (double)i / 2);
	}
	SET(released, 1);
	return unused;
}

static void hog(void)
{
	ADD(ready, 1);
	while (!GET(released))
		;
}

static void spawns(void)
{
	pthread_t t;
	int hogs = garn_gomaxprocs(0) - 1;
	SET(released, 0);
	for (int i = 0; i < hogs; i++)
		go(hog);
	t_await(&ready, (uint32_t)hogs);
	CHECK_EQ(pthread_create(&t, NULL, spawner, NULL), 0);
	hog();
	pthread_join(t, NULL);
}

static const struct burst {
	const char *name;
	void (*begin)(void), (*end)(void);
	long worst; // bytes each would leave behind
} bursts[] = {
	{ "sleepers", sleepers, NULL, 64 },
	{ "selects", selects, selectsend, 3 * 72 + 64 },
	{ "timers", arm, disarm, 4 * 64 },
	{ "spawns", spawns, NULL, 464 },
};

// How much memory there was at the most.
static long burst(const struct burst *x)
{
	SET(ready, 0);
	SET(sum, 0);
	garn_waitgroup_add(&wg, n);
	x->begin();
	long most = t_memory_kb();
	if (x->end)
		x->end();
	garn_waitgroup_wait(&wg);
	CHECK_EQ(GET(sum), (uint64_t)n * (uint64_t)(n - 1) / 2 * (x->begin == arm ? 4 : 1));
	return most;
}

int main(void)
{
	garn_ticker k = { 0 };
	setvbuf(stdout, NULL, _IOLBF, 0);
	memset(timers, 0, sizeof timers);
	garn_ticker_start(&k, GARN_MS(100));
	n = N / 20;
	for (int i = 0; i < 4; i++) // all threads there will be
		burst(&bursts[i]);
	garn_sleep(GARN_MS(3000));
	n = N;
	long before = t_memory_kb();
	for (int i = 0; i < 8; i++) {
		const struct burst *x = &bursts[i % 4];
		long worst = N * x->worst / 1024, near = worst * 3 / 4 + SLACK < 8192 ? worst * 3 / 4 + SLACK : 8192;
		long most = burst(x), now = t_await_memory(before + near);
		printf("%s: %ld kB, %ld with %d, then %ld (%+ld of %ld allowed)\n", x->name, before, most, n, now, now - before, near);
		CHECK(most > before + worst);
		CHECK(now <= before + near);
	}
	garn_ticker_stop(&k);
	return 0;
}
