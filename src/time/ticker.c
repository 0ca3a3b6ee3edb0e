/* after and ticker: timers that send the time on a channel.
 *
 * A callback on its way (popped from its heap, not yet run) must not touch what has been freed meanwhile:
 *
 *   after   The timer holds one of the channel's two references, and the callback owns both timer and reference: nobody
 *           can stop it, so it always runs, once.
 *   ticker  The callback gets the timer, which is type-stable, and the number of the start it belongs to. It sends under the
 *           timer's lock, if the number is still current. Stop raises the number under the same lock: after that no
 *           callback sends or looks at the channel, and only then the channel is drained and its reference dropped. So
 *           nothing stale is seen after stop, and the lock and number live on when the timer is reused.
 *
 * A channel has room for one value, and a tick that finds it full is dropped. Go's timer channels look
 * unbuffered (len and cap are 0) and run their timer by hand when looked at, to let a collector take them; here a
 * channel is what it seems. */
#include "garn.h"
#include "core/throw.h"
#include "sync/chan.h"
#include "time/time.h"

/* ---- after ------------------------------------------------------------------------------------- */

static void lastunref(void *c)
{
	garn_chan_unref(c);
}

/* Drop a reference on g0, where nothing may be freed: the last one is dropped by a goroutine. */
static void unref_g0(garn_chan *c)
{
	for (;;) {
		uint32_t n = load_rlx(&c->refs);
		if (n == 1) {
			newproc_call(lastunref, c, true);
			return;
		}
		if (cas_rel(&c->refs, n, n - 1)) // rel[CR]: our use of it comes before its end
			return;
	}
}

static void sendonce(void *arg, uint32_t seq, int64_t now)
{
	(void)seq;
	struct timer *t = arg;
	struct g *wake = NULL;
	garn_chan *c = t->data[0];
	timer_free(t);
	chan_trysend_g0(c, &now, &wake);
	unref_g0(c);
	if (wake != NULL)
		goready(wake);
}

/* Runs on: g, foreign. Never parks. */
garn_chan_of(int64_t) garn_after(int64_t ns)
{
	mustgetg();
	garn_chan *c = garn_chan_make(sizeof(int64_t), 1);
	struct timer *t = timer_new(sendonce, NULL);
	t->data[0] = garn_chan_ref(c);
	armtimer(t, timer_deadline(os_nanotime(), ns), 0, 0);
	return (garn_chan_of(int64_t))c;
}

/* ---- ticker ------------------------------------------------------------------------------------ */

struct ticker {
	struct timer *t; /* A[TK]: null when stopped */
};
_Static_assert(sizeof(struct ticker) <= sizeof(garn_ticker), "garn_ticker is too small");

/* data[0]: the channel. data[1]: the last tick: two callbacks may be on their way on two threads, and the values must
 * not go back. */
static void tick(void *arg, uint32_t seq, int64_t now)
{
	struct timer *t = arg;
	struct g *wake = NULL;
	lock(&t->lock);
	if (t->seq == seq && now > (intptr_t)t->data[1] && chan_trysend_g0(t->data[0], &now, &wake))
		t->data[1] = (void *)(intptr_t)now;
	unlock(&t->lock);
	if (wake != NULL)
		goready(wake);
}

/* Runs on: g, foreign. Never parks. */
garn_chan_of(int64_t) garn_ticker_start(garn_ticker *ticker, int64_t ns)
{
	struct ticker *k = (struct ticker *)ticker;
	mustgetg();
	if (ns <= 0)
		panic("non-positive interval for garn_ticker_start");
	garn_chan *c = garn_chan_make(sizeof(int64_t), 1);
	struct timer *t = timer_new(tick, NULL);
	t->data[0] = c;
	t->data[1] = NULL;
	if (!cas_acqrel(&k->t, NULL, t)) // acqrel[TK]: publishes the timer
		fatal("garn_ticker_start: ticker already started");
	armtimer(t, timer_deadline(os_nanotime(), ns), ns, t->seq);
	return (garn_chan_of(int64_t))c;
}

/* Runs on: g, foreign. Never parks. */
void garn_ticker_stop(garn_ticker *ticker)
{
	struct ticker *k = (struct ticker *)ticker;
	struct timer *t = xchg_acqrel(&k->t, NULL); // acqrel[TK]: of many stops one gets it
	if (t == NULL)
		return;
	garn_chan *c = t->data[0];
	lock(&t->lock);
	t->seq++;
	unlock(&t->lock);
	timer_free(t);
	chan_drain(c);
	garn_chan_unref(c);
}
