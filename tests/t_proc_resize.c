// garn_gomaxprocs at run time, up and down, under load: what it returns, that no goroutine is lost, and that no more of them
// run at a time than it allows, once those that ran before have waited or yielded.
// ENV: GARN_MAXHOGS=0
#define _GNU_SOURCE 1
#include "test.h"

#include <garn.h>
#include <pthread.h>
#include <sched.h>

enum { WORKERS = 12 };

static uint32_t stop, running, most;
static uint64_t turns[WORKERS];
static garn_waitgroup wg;

// In between the two counts it never waits, so as many as are inside have a P each.
static void worker(int id)
{
	struct t_rng r = t_rng(t_seed(), (uint64_t)id);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		uint32_t n = __atomic_add_fetch(&running, 1, __ATOMIC_ACQ_REL);
		uint32_t was = __atomic_load_n(&most, __ATOMIC_RELAXED);
		while (n > was && !__atomic_compare_exchange_n(&most, &was, n, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			;
		sched_yield(); // let the kernel show another of us
		__atomic_sub_fetch(&running, 1, __ATOMIC_ACQ_REL);
		if (t_below(&r, 16) == 0)
			garn_sleep(GARN_US(t_below(&r, 50)));
		else
			garn_yield();
		__atomic_fetch_add(&turns[id], 1, __ATOMIC_RELEASE);
	}
	garn_waitgroup_done(&wg);
}

// Until each has been through garn a few times.
static void settle(uint64_t times)
{
	uint64_t seen[WORKERS];
	for (int i = 0; i < WORKERS; i++)
		seen[i] = __atomic_load_n(&turns[i], __ATOMIC_ACQUIRE);
	for (int i = 0; i < WORKERS; i++)
		while (__atomic_load_n(&turns[i], __ATOMIC_ACQUIRE) < seen[i] + times)
			garn_yield();
}

static void limits(void)
{
	struct t_rng r = t_rng(t_seed(), 100);
	int old = garn_gomaxprocs(0), now = old;
	garn_waitgroup_add(&wg, WORKERS);
	stop = 0;
	for (int i = 0; i < WORKERS; i++)
		go(worker, i);
	for (int i = 0; i < (T_SCALE > 1 ? 10 : 30); i++) {
		int want = 1 + (int)t_below(&r, 10);
		CHECK_EQ(garn_gomaxprocs(want), now);
		now = want;
		CHECK_EQ(garn_gomaxprocs(0), now);
		CHECK_EQ(garn_gomaxprocs(-5), now);
		// A thread that was just picking its next goroutine when its P was taken runs that one: one turn each, at most.
		uint32_t n;
		int tries = 0;
		settle(3);
		do {
			__atomic_store_n(&most, 0, __ATOMIC_RELAXED);
			settle(5);
			n = __atomic_load_n(&most, __ATOMIC_RELAXED);
			CHECK(n >= 1);
		} while (n > (uint32_t)now && tries++ < 10);
		CHECK(n <= (uint32_t)now);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(garn_gomaxprocs(old), now);
}

// Many change it at once, while goroutines come and go, sleep and wait; timers of Ps that are gone still fire.
static void child(chan(int) c, int depth)
{
	if (depth > 0) {
		go(child, c, depth - 1);
		garn_sleep(GARN_US(depth * 10));
		go(child, c, depth - 1);
	}
	chan_send(c, 1);
}

static void changer(int id)
{
	struct t_rng r = t_rng(t_seed(), 200 + (uint64_t)id);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		int old = garn_gomaxprocs(1 + (int)t_below(&r, 16));
		CHECK(old >= 1 && old <= 16);
		garn_sleep(GARN_US(t_below(&r, 200)));
	}
	garn_waitgroup_done(&wg);
}

static void *thread(void *arg)
{
	(void)arg;
	changer(3);
	return NULL;
}

static void storm(void)
{
	chan(int) c = chan_make(int, 3);
	int old = garn_gomaxprocs(0);
	pthread_t t;
	stop = 0;
	garn_waitgroup_add(&wg, 4);
	for (int i = 0; i < 3; i++)
		go(changer, i);
	CHECK_EQ(pthread_create(&t, NULL, thread, NULL), 0);
	for (int i = 0; i < (T_SCALE > 1 ? 2 : 10); i++) {
		go(child, c, 8);
		for (int n = 0; n < 511; n++)
			chan_recv(c);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	garn_waitgroup_wait(&wg);
	pthread_join(t, NULL);
	garn_gomaxprocs(old);
	chan_unref(c);
}

int main(void)
{
	t_seed();
	limits();
	storm();
	limits();
	return 0;
}
