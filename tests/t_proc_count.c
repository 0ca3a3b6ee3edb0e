// How many goroutines there are, and their numbers: exact once things are quiet; main is 1; no number comes twice; the
// library's own goroutines and threads are not counted.
#include "test.h"

#include <garn.h>
#include <pthread.h>

enum { MANY = 3000 };

static garn_waitgroup wg;
static uint64_t ids[MANY * 3];
static uint32_t nids;

static void note(void)
{
	uint32_t i = __atomic_fetch_add(&nids, 1, __ATOMIC_RELAXED);
	ids[i] = garn_goid();
}

static void waits(chan(int) c)
{
	uint64_t me = garn_goid();
	note();
	garn_waitgroup_done(&wg);
	chan_recv(c);
	CHECK_EQ(garn_goid(), me);
	garn_yield();
	CHECK_EQ(garn_goid(), me);
}

static void quick(void)
{
	note();
	garn_waitgroup_done(&wg);
}

static void exits(void)
{
	garn_waitgroup_done(&wg);
	garn_goexit();
}

// The last of them have said that they are done, and are about to end.
static void settled(int n)
{
	while (garn_num_goroutines() != n)
		garn_yield();
	for (int i = 0; i < 10; i++) {
		garn_yield();
		CHECK_EQ(garn_num_goroutines(), n);
	}
}

static void *thread(void *arg)
{
	CHECK_EQ(garn_goid(), 0);
	for (int i = 0; i < MANY / 10 / T_SCALE; i++)
		go(waits, *(chan(int) *)arg);
	chan_try_recv(*(chan(int) *)arg, NULL); // now the thread is known to garn; it is no goroutine
	CHECK_EQ(garn_goid(), 0);
	return NULL;
}

static int cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static void tick(void *arg)
{
	chan_try_send(*(chan(int) *)arg, 1);
}

int main(void)
{
	CHECK_EQ(garn_goid(), 1);
	CHECK_EQ(garn_num_goroutines(), 1);
	chan(int) c = chan_make(int, 0), none = chan_make(int, 0);
	int n = MANY / T_SCALE, m = 2 * (n / 10);

	garn_waitgroup_add(&wg, n + m);
	for (int i = 0; i < n; i++)
		go(waits, c);
	pthread_t t[2];
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, thread, &c), 0);
	garn_waitgroup_wait(&wg);
	settled(n + m + 1);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	settled(n + m + 1);

	garn_timer tm = { 0 };
	garn_ticker tk = { 0 };
	garn_timer_start(&tm, GARN_S(100), tick, &none); // timers are no goroutines until they fire
	garn_ticker_start(&tk, GARN_S(100));
	settled(n + m + 1);
	garn_timer_stop(&tm);
	garn_ticker_stop(&tk);

	chan_close(c);
	settled(1);
	garn_waitgroup_add(&wg, n + 100);
	for (int i = 0; i < n; i++)
		go(quick);
	for (int i = 0; i < 100; i++)
		go(exits);
	garn_waitgroup_wait(&wg);
	settled(1);
	CHECK_EQ(garn_goid(), 1);

	CHECK_EQ(nids, 2 * n + m);
	qsort(ids, nids, sizeof(*ids), cmp);
	CHECK(ids[0] > 1);
	for (uint32_t i = 1; i < nids; i++)
		CHECK(ids[i] != ids[i - 1]);
	chan_unref(c);
	chan_unref(none);
	return 0;
}
