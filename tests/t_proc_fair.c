// Nobody is left out: pairs and chains that hand the P to one another through runnext use up their slice as one goroutine
// would, and then it is the others' turn.
// PROCS: 1 2
#include "test.h"

#include <garn.h>

static garn_waitgroup wg;
static uint32_t stop;

static bool stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED) != 0;
}

static void halt(void)
{
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
}

static void ping(chan(int) in, chan(int) out, uint64_t *n)
{
	while (!stopped()) {
		chan_send(out, 1);
		chan_recv(in);
		++*n;
	}
	chan_close(out);
	garn_waitgroup_done(&wg);
}

static void pong(chan(int) in, chan(int) out)
{
	while (chan_recv_ok(in, NULL))
		chan_send(out, 1);
	chan_unref(in);
	chan_unref(out);
	garn_waitgroup_done(&wg);
}

struct pair {
	chan(int) a, b;
	uint64_t n;
};

static void startpair(struct pair *p, size_t cap)
{
	p->a = chan_make(int, cap);
	p->b = chan_make(int, cap + 1); // so that the last answer is not waited for
	p->n = 0;
	garn_waitgroup_add(&wg, 2);
	go(ping, p->b, p->a, &p->n);
	go(pong, chan_ref(p->a), chan_ref(p->b));
}

static void endpair(struct pair *p)
{
	chan_unref(p->a);
	chan_unref(p->b);
}

static void light(int rounds)
{
	chan(int) a = chan_make(int, 0), b = chan_make(int, 0);
	garn_waitgroup_add(&wg, 1);
	go(pong, chan_ref(a), chan_ref(b));
	for (int i = 0; i < rounds; i++) {
		chan_send(a, 1);
		chan_recv(b);
		garn_yield(); // to the tail: each round is a turn of its own
	}
	chan_close(a);
	chan_unref(a);
	chan_unref(b);
}

// Hogs as pairs, one for each P, beside a pair that yields all the time.
static void pairs(size_t cap)
{
	struct pair hog[2];
	int n = garn_gomaxprocs(0);
	stop = 0;
	for (int i = 0; i < n; i++)
		startpair(&hog[i], cap);
	light(5);
	halt();
	garn_waitgroup_wait(&wg);
	for (int i = 0; i < n; i++) {
		CHECK(hog[i].n > 0);
		endpair(&hog[i]);
	}
}

// Each starts its successor and ends: the P is handed on through runnext for ever.
static void successor(uint64_t *n)
{
	++*n;
	if (stopped())
		garn_waitgroup_done(&wg);
	else
		go(successor, n);
}

static void chains(void)
{
	uint64_t n[2] = { 0, 0 };
	stop = 0;
	for (int i = 0; i < garn_gomaxprocs(0); i++) {
		garn_waitgroup_add(&wg, 1);
		go(successor, &n[i]);
	}
	light(5);
	halt();
	garn_waitgroup_wait(&wg);
}

// A crowd that yields does not starve what comes through the global queue, nor timers, nor one that waits its turn.
static void yielder(void)
{
	while (!stopped())
		garn_yield();
	garn_waitgroup_done(&wg);
}

static void yields(void)
{
	stop = 0;
	for (int i = 0; i < 20; i++) {
		garn_waitgroup_add(&wg, 1);
		go(yielder);
	}
	light(20);
	garn_sleep(GARN_US(500));
	chan(int64_t) c = garn_after(GARN_US(500));
	chan_recv(c);
	chan_unref(c);
	halt();
	garn_waitgroup_wait(&wg);
}

// A slice that is over when nobody is in runnext: those in the ring keep their order.
static void hog(void)
{
	for (int64_t end = t_now() + GARN_MS(6); t_now() < end;)
		;
	garn_waitgroup_done(&wg);
}

static void come(int *places, int *mine)
{
	*mine = ++*places;
	garn_waitgroup_done(&wg);
}

static void order(void)
{
	if (garn_gomaxprocs(0) > 1 || T_SCALE > 1)
		return; // thieves, and the hostile build, take them in any order
	for (int i = 0; i < 50; i++) {
		int places = 0, first, second;
		garn_waitgroup_add(&wg, 4);
		hog();
		go(come, &places, &first);
		go(come, &places, &second);
		go(hog); // inherits what is left of main's slice
		garn_waitgroup_wait(&wg);
		CHECK(first < second);
	}
}

// A flag set by another goroutine is seen by one that only yields; also when that one is tied to its thread.
static void setter(uint32_t *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_RELEASE); // the flag's next life comes after
}

static void progress(bool tied)
{
	for (int i = 0; i < T_SCALED(200); i++) {
		uint32_t flag = 0;
		if (tied)
			garn_lock_os_thread();
		go(setter, &flag);
		while (!__atomic_load_n(&flag, __ATOMIC_ACQUIRE))
			garn_yield();
		if (tied)
			garn_unlock_os_thread();
	}
}

int main(void)
{
	pairs(0);
	pairs(1);
	chains();
	yields();
	order();
	progress(false);
	progress(true);
	return 0;
}
