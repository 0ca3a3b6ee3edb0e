/* after and ticker: timers that send the time on a channel.
 *
 * A callback on its way (popped from its heap, not yet run) must not touch what has been freed meanwhile:
 *
 *   after   All references to the channel are users'. The timer has none, so that a channel nobody wants any more ends at
 *           once, and its timer with it, however far off its time. Whoever drops the last reference tries to stop the timer.
 *           If that succeeds, no callback will run: timer and channel are freed there and then. If it does not, the callback is
 *           on its way or was there: then the two of them, callback and last unref, each say when they are done with the
 *           channel (`done`), and the second one frees it. So: the channel lives until nobody refers to it and no callback
 *           will come or is at it. The timer is freed by the one that took its arming: the unref that stopped
 *           it, or the callback. A stop that comes too late does no harm to whoever has the timer by then: stamps differ.
 *   ticker  The callback gets the timer, which may always be read, and the number of the start it belongs to, which no other start
 *           has, and is not 0. It sends under the timer's lock, one of a few by its address (time.h), if the number is still the timer's. Stop
 *           makes that 0 under the same lock: after that no callback sends or looks at the channel, and only then the channel is
 *           drained and its reference dropped. So nothing stale is seen after stop, whatever has become of the timer: another
 *           ticker's, or memory that was given back and reads as 0.
 *
 * A channel has room for one value, and a tick that finds it full is dropped. Go's timer channels look
 * unbuffered (len and cap are 0) and run their timer by hand when looked at, to let a collector take them; here a
 * channel is what it seems. */
#include "garn.h"
#include "core/throw.h"
#include "sync/chan.h"
#include "time/time.h"
#include <stdlib.h>
#undef errno

/* ---- after ------------------------------------------------------------------------------------- */

/* Lies in the channel's buffer. */
struct after {
	int64_t value;   /* the channel's one slot */
	struct timer *t; /* I */
	uint64_t stamp;  /* I: of its one arming. For users only: the callback may be there before it is written */
	uint32_t done;   /* A[AF]: the first to leave sets it: the callback, or the last unref */
};

/* The callback or the last unref is done with the channel: true for the second of them. */
static bool leave(garn_chan *c)
{
	struct after *a = (struct after *)c->buf;
	return xchg_acqrel(&a->done, 1) != 0; // acqrel[AF]: all use of the channel is before its end
}

static bool nobodywants(garn_chan *c)
{
	struct after *a = (struct after *)c->buf;
	if (!timer_cancel(a->t, a->stamp))
		return leave(c);
	timer_free(a->t);
	return true;
}

/* In a goroutine, as nothing may be freed on g0. */
static void freechan(void *c)
{
	free(c);
}

static void sendonce(void *arg, uint32_t seq, int64_t now)
{
	(void)seq;
	struct timer *t = arg;
	struct g *wake = NULL;
	garn_chan *c = t->data[0];
	timer_free(t);
	chan_trysend_g0(c, &now, &wake);
	if (leave(c))
		newproc_call(freechan, c, true);
	if (wake != NULL)
		goready(wake);
}

/* Runs on: g, foreign. Never parks. */
garn_chan_of(int64_t) garn_after(int64_t ns)
{
	mustgetg();
	garn_chan *c = garn_chan_make(sizeof(struct after), 1);
	struct after *a = (struct after *)c->buf;
	c->elemsize = sizeof a->value; // the rest of the slot is ours
	chan_atend(c, nobodywants);
	a->done = 0;
	a->t = timer_new(sendonce, NULL);
	a->t->data[0] = c;
	a->stamp = armtimer(a->t, timer_deadline(os_nanotime(), ns), 0, 0);
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
	struct lock *l = &timelocks[timelocknumber(t)].lock;
	struct g *wake = NULL;
	lock(l);
	if (t->seq == seq && now > (intptr_t)t->data[1] && chan_trysend_g0(t->data[0], &now, &wake))
		t->data[1] = (void *)(intptr_t)now;
	unlock(l);
	if (wake != NULL)
		goready(wake);
}

/* From now on t is of this start; 0: of none. */
static void setnumber(struct timer *t, uint32_t number)
{
	struct lock *l = &timelocks[timelocknumber(t)].lock;
	lock(l);
	t->seq = number;
	unlock(l);
}

/* The channel of a ticker that runs has lost its last reference, the ticker's own. */
static bool tickers(garn_chan *c)
{
	(void)c;
	fatal("chan_unref: this channel is a running ticker's, and garn_ticker_stop drops it");
}

/* Runs on: g, foreign. Never parks. */
garn_chan_of(int64_t) garn_ticker_start(garn_ticker *ticker, int64_t ns)
{
	static uint32_t starts; /* A */
	struct ticker *k = (struct ticker *)ticker;
	mustgetg();
	if (ns <= 0)
		panic("non-positive interval for garn_ticker_start");
	garn_chan *c = garn_chan_make(sizeof(int64_t), 1);
	chan_atend(c, tickers);
	struct timer *t = timer_new(tick, NULL);
	t->data[0] = c;
	t->data[1] = NULL;
	uint32_t number = add_rlx(&starts, 2) | 1;
	setnumber(t, number);
	if (!cas_acqrel(&k->t, NULL, t)) // acqrel[TK]: publishes the timer
		fatal("garn_ticker_start: ticker already started");
	armtimer(t, timer_deadline(os_nanotime(), ns), ns, number);
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
	setnumber(t, 0);
	timer_free(t);
	chan_atend(c, NULL);
	chan_drain(c);
	garn_chan_unref(c);
}
