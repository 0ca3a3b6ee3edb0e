// No false alarm of a deadlock: everybody sleeps, and only a timer will wake somebody. Each kind, alone, again and again;
// also when the P that holds the timer was taken out of service.
#include "test.h"

#include <garn.h>

static void sends(void *arg)
{
	chan_send(*(chan(int) *)arg, 1);
}

static void sleeper(chan(int) c, int64_t ns)
{
	garn_sleep(ns);
	chan_send(c, 1);
}

static void tied(chan(int) c, int64_t ns)
{
	garn_lock_os_thread();
	sleeper(c, ns);
}

static void each(int64_t ns)
{
	chan(int) c = chan_make(int, 0), none = chan_make(int, 0);
	garn_timer t = { 0 };
	garn_ticker k = { 0 };
	garn_sleep(ns);
	chan(int64_t) a = garn_after(ns);
	chan_recv(a);
	chan_unref(a);
	garn_timer_start(&t, ns, sends, &c);
	chan_recv(c);
	CHECK_EQ(chan_select(on_recv(none, NULL), on_timeout(ns)), 1);
	a = garn_ticker_start(&k, ns > 0 ? ns : 1);
	chan_recv(a);
	chan_recv(a);
	garn_ticker_stop(&k);
	go(sleeper, c, ns);
	chan_recv(c);
	go(tied, c, ns);
	chan_recv(c);
	garn_lock_os_thread();
	garn_sleep(ns);
	go(sleeper, c, ns);
	chan_recv(c);
	garn_unlock_os_thread();
	// The first is stopped, a later one is what we wait for.
	garn_timer_start(&t, ns, sends, &c);
	if (!garn_timer_stop(&t))
		chan_recv(c);
	garn_sleep(2 * ns);
	// Moved, while all sleep.
	garn_timer_start(&t, GARN_S(1000), sends, &c);
	garn_timer_reset(&t, ns);
	chan_recv(c);
	chan_unref(c);
	chan_unref(none);
}

int main(void)
{
	int old = garn_gomaxprocs(0);
	for (int i = 0; i < 20; i++)
		each(i * GARN_US(7));
	each(GARN_MS(3));
	for (int i = 0; i < 8; i++) {
		chan(int) c = chan_make(int, 0);
		garn_gomaxprocs(8);
		for (int j = 0; j < 16; j++)
			go(sleeper, c, GARN_US(100 * j));
		garn_sleep(GARN_US(50 * i));
		garn_gomaxprocs(1);
		for (int j = 0; j < 16; j++)
			chan_recv(c);
		chan_unref(c);
	}
	garn_gomaxprocs(old);
	return 0;
}
