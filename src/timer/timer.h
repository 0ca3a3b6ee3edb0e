/* Timers below the scheduler: a heap per P says what is due; the caller runs it.
 *
 * A struct timer lies in a slab (core/slab.h), and so may always be read, so a dead entry of a
 * heap may point to it for as long as it likes. Its word `state` holds 0, or the stamp of the one entry that is
 * alive, in whichever heap; stamps are never used twice. See timer.c for the table. */
#ifndef TIMER_TIMER_H
#define TIMER_TIMER_H

#include "base/heap.h"
#include "core/lock.h"
#include "core/runtime.h"

struct timer {
	void *data[2];                              /* for those above, while it is not free */
	uint64_t state;                             /* A[TM1]: the stamp of the live entry, or 0 */
	int64_t period;                             /* A[TM2]: 0: fires once */
	void (*f)(void *arg, uint32_t seq, int64_t now); /* A[TM2] */
	void *arg;                                  /* A[TM2] */
	uint32_t seq;                               /* for those above: stays through free and new, but is 0 when it was given back meanwhile */
} cache_aligned;

/* What a timer asks for when its time has come: call f(arg, seq, now) on g0, holding nothing. It must not block; it
 * may call goready, newproc_call, chan_trysend_g0, and timer_start. */
struct due {
	void (*f)(void *arg, uint32_t seq, int64_t now);
	void *arg;
	uint32_t seq;
};

void timerinit(void); /* before all else, once */
/* Set up a P's timers, zeroed memory, once in its life. Runs on: any. Never parks. */
void timersinit(struct timers *ts);
/* Take one entry that is due at now out of ts, by whichever thread. A periodic one goes back in, for its first
 * moment after now. False when nothing is due. Runs on: any. Holds: nothing ranked above. Never parks. */
bool timers_due(struct timers *ts, int64_t now, struct due *out);
/* When to look next, 0 for never: sometimes early (a dead entry is first), never late. A relaxed read: who goes to sleep
 * by it orders that against timer_start and wakenetpoller himself. Runs on: any. */
static inline int64_t timers_next(struct timers *ts)
{
	return load_rlx(&ts->minwhen);
}
/* The same, exact: dead entries at the front are dropped first. For who is about to sleep for long, or to say that nothing
 * will ever happen. Runs on: any. Holds: nothing ranked above. Never parks. */
int64_t timers_first(struct timers *ts);
/* Is one alive in there? Exact. Runs on: any. Holds: as above. Never parks. */
bool timers_any(struct timers *ts);

/* A timer that is not running, or death. With arg null f gets the timer itself. Runs on: any. Never parks. */
struct timer *timer_new(void (*f)(void *arg, uint32_t seq, int64_t now), void *arg);
/* Give it back, stopping it first. A call of f may still be on its way: that does not touch t. */
void timer_free(struct timer *t);

/* Arm t, or arm it anew, in ts: it fires at when or later, then every period (> 0). Returns whether it was pending.
 * *wake: it is the earliest of ts: call wakenetpoller(when). From here on t may fire at once. One thread at a time may
 * start a timer; anybody may stop it meanwhile. Runs on: any. Never parks. */
bool timer_start(struct timer *t, struct timers *ts, int64_t when, int64_t period, uint32_t seq, bool *wake);
/* The same for a t that is not pending; returns the stamp of this arming, for timer_cancel. */
uint64_t timer_arm(struct timer *t, struct timers *ts, int64_t when, int64_t period, uint32_t seq, bool *wake);
/* True when t was pending and f will not be called for that arming. (A periodic timer is always pending; a call
 * for an earlier tick may still be on its way.) False when it had fired or was not running. */
bool timer_stop(struct timer *t);
/* The same for one arming of a timer that fires once; by then t may have been freed and be another's. */
bool timer_cancel(struct timer *t, uint64_t stamp);
/* Is that arming still to fire? */
static inline bool timer_pending(struct timer *t, uint64_t stamp)
{
	return load_acq(&t->state) == stamp; // acq[TM1]
}
/* How many timers there are that were not freed: for tests and statistics. */
int64_t timer_live(void);

/* now + ns without overflow; now for ns < 0. */
static inline int64_t timer_deadline(int64_t now, int64_t ns)
{
	int64_t when;
	if (ns < 0)
		return now;
	return __builtin_add_overflow(now, ns, &when) ? INT64_MAX : when;
}

#endif
