// A rate limiter: so many requests at once, then one a tick.
//
//   ./garn run examples/ratelimit.c
//
// One goroutine owns the permits. It grants them over a channel, and a ticker brings it a new one every
// period, up to the size of a burst. Nobody else sees the number, so nothing needs a lock.
//
// What to look at: chan_select waits for several things at once and says which one happened, by position. A clause on
// a null channel never happens: with no permits left, the limiter just waits for other things. A
// request that will not wait for ever adds on_timeout.
#include <garn.h>

#include <stdio.h>

// Grants permits until told to stop, which is when it closes its channel.
static void limiter(chan(int) grants, chan(int) stop, int burst, int64_t period)
{
	garn_ticker ticker = {0};
	chan(int64_t) ticks = garn_ticker_start(&ticker, period);
	int permits = burst, running = 1;
	while (running) {
		chan(int) out = permits > 0 ? grants : NULL;
		switch (chan_select(on_recv(ticks, NULL), on_send(out, permits), on_recv(stop, NULL))) {
		case 0:
			if (permits < burst)
				permits++;
			break;
		case 1:
			permits--;
			break;
		case 2:
			running = 0;
			break;
		}
	}
	garn_ticker_stop(&ticker);
	chan_close(grants);
}

// Asks for a permit: false if none came within patience.
static bool request(chan(int) grants, int64_t patience)
{
	return chan_select(on_recv(grants, NULL), on_timeout(patience)) == 0;
}

static void demonstrate(int requests, int burst, int64_t period, int64_t patience)
{
	chan(int) grants = chan_make(int, 0);
	chan(int) stop = chan_make(int, 0);
	int64_t start = garn_now();
	go(limiter, grants, stop, burst, period);

	for (int i = 1; i <= requests; i++) {
		// What is left of the burst is there already, however long a busy machine takes to hand it over.
		if (!request(grants, i <= burst ? GARN_S(60) : patience)) {
			printf("request %d: gave up\n", i);
			continue;
		}
		// The first ones share the burst; each one after needs a tick of its own.
		int ticks = i > burst ? i - burst : 0;
		bool early = garn_now() - start < ticks * period;
		printf("request %d: granted%s\n", i, early ? ", TOO EARLY" : ticks > 0 ? " by a tick" : "");
	}

	int last;
	chan_close(stop);
	while (chan_recv_ok(grants, &last)) // a permit may still come before the end
		;
	chan_unref(grants);
	chan_unref(stop);
}

int main(void)
{
	printf("bursts of 3, then one every 10 ms:\n");
	demonstrate(10, 3, GARN_MS(10), GARN_S(60));
	printf("one an hour, and a patience of 20 ms:\n");
	demonstrate(2, 1, GARN_S(3600), GARN_MS(20));
	return 0;
}
