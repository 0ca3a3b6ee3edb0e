// Work conservation: as long as there are goroutines to run, no P is idle. So as many goroutines as there are Ps, each of
// which waits for all others without a garn call, get through, however they were made runnable: spawned, woken by
// channels, locks, timers or threads, on one P's queue or on many.
// They spin with sched_yield, a call of the kernel that the library knows nothing of; there are more of them than CPUs.
#define _GNU_SOURCE 1
#include "test.h"

#include <garn.h>
#include <pthread.h>
#include <sched.h>

static uint32_t arrived;
static garn_waitgroup wg;
static int P;

// All P of them are here at the same time, or nobody ever leaves.
static void meet(uint32_t round)
{
	__atomic_fetch_add(&arrived, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < (round + 1) * (uint32_t)P)
		sched_yield();
}

static void spinner(uint32_t rounds)
{
	for (uint32_t i = 0; i < rounds; i++)
		meet(i);
	garn_waitgroup_done(&wg);
}

static void begin(int n)
{
	arrived = 0;
	garn_waitgroup_add(&wg, n);
}

static void spawned(void)
{
	begin(P);
	for (int i = 0; i < P; i++)
		go(spinner, 3);
	garn_waitgroup_wait(&wg);

	// The last of them is the one that spawned, and does not wait for anything.
	begin(P - 1);
	for (int i = 1; i < P; i++)
		go(spinner, 1);
	meet(0);
	garn_waitgroup_wait(&wg);
}

// Each starts the next, and spins: what lies alone in runnext must be found, too.
static void chained(int left)
{
	if (left > 1)
		go(chained, left - 1);
	meet(0);
	garn_waitgroup_done(&wg);
}

static void chain(void)
{
	begin(P);
	go(chained, P);
	garn_waitgroup_wait(&wg);
}

static void waiter(chan(int) c)
{
	chan_recv(c);
	spinner(2);
}

static void byclose(void)
{
	chan(int) c = chan_make(int, 0);
	begin(P);
	for (int i = 0; i < P; i++)
		go(waiter, c);
	garn_sleep(GARN_US(200));
	chan_close(c);
	garn_waitgroup_wait(&wg);
	chan_unref(c);
}

// One by one, by a goroutine that then spins among them.
static void bysend(void)
{
	chan(int) c = chan_make(int, 0);
	begin(P - 1);
	for (int i = 1; i < P; i++)
		go(waiter, c);
	for (int i = 1; i < P; i++)
		chan_send(c, i);
	meet(0);
	meet(1);
	garn_waitgroup_wait(&wg);
	chan_unref(c);
}

static void sleeper(int64_t ns)
{
	garn_sleep(ns);
	spinner(2);
}

static void bytimer(void)
{
	begin(P);
	for (int i = 0; i < P; i++)
		go(sleeper, GARN_US(300) + i % 2 * GARN_US(100));
	garn_waitgroup_wait(&wg);
}

static garn_rwmutex rw;

static void reader(void)
{
	garn_rwmutex_rlock(&rw);
	meet(0); // readers all inside at once
	garn_rwmutex_runlock(&rw);
	garn_waitgroup_done(&wg);
}

static void bylock(void)
{
	begin(P);
	garn_rwmutex_lock(&rw);
	for (int i = 0; i < P; i++)
		go(reader);
	garn_sleep(GARN_US(200));
	garn_rwmutex_unlock(&rw);
	garn_waitgroup_wait(&wg);
}

static void *thread(void *arg)
{
	(void)arg;
	for (int i = 0; i < P; i++)
		go(spinner, 2);
	return NULL;
}

static void bythread(void)
{
	pthread_t t;
	begin(P);
	CHECK_EQ(pthread_create(&t, NULL, thread, NULL), 0);
	garn_waitgroup_wait(&wg);
	pthread_join(t, NULL);
}

static void quick(void)
{
	garn_waitgroup_done(&wg);
}

// After a burst that leaves Ms and Ps in all sorts of states.
static void afterburst(void)
{
	int n = T_SCALED(2000);
	garn_waitgroup_add(&wg, n);
	for (int i = 0; i < n; i++)
		go(quick);
	spawned();
	garn_sleep(GARN_MS(1)); // and after everybody has gone to sleep
	spawned();
}

// Ps that come and go.
static void resized(void)
{
	int was = P;
	for (P = 1; P <= 8; P++) {
		garn_gomaxprocs(P);
		spawned();
	}
	for (P = 8; P > 1; P /= 2) {
		garn_gomaxprocs(P);
		spawned();
	}
	garn_gomaxprocs(P = was);
}

int main(void)
{
	P = garn_gomaxprocs(0);
	for (int i = 0; i < (T_SCALE > 1 ? 3 : 20); i++) {
		spawned();
		chain();
		byclose();
		bysend();
		bytimer();
		bylock();
		bythread();
		afterburst();
	}
	resized();
	return 0;
}
