// Stopped timers keep nobody alive: the deadlock is seen now, not in an hour.
// TIMEOUT: 20
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// STATUS: 2
#include "garn.h"

static void fn(void *arg)
{
	(void)arg;
}

int main(void)
{
	garn_timer t = { 0 };
	garn_ticker k = { 0 };
	chan(int) c = chan_make(int, 1);
	garn_timer_start(&t, GARN_S(3600), fn, 0);
	garn_timer_stop(&t);
	garn_ticker_start(&k, GARN_S(3600));
	garn_ticker_stop(&k);
	chan_send(c, 1);
	chan_select(on_recv(c, 0), on_timeout(GARN_S(3600)));
	chan_recv(c);
	return 0;
}
