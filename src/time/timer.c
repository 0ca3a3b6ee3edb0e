/* garn_timer: a function that starts in a goroutine of its own after a while.
 *
 * The user's object may vanish the moment its function runs, or stop returns. So a callback on its way never touches
 * it: all it needs lies in a struct timer from the pool, got for each arming and owned by whoever ends that arming, the callback or
 * the one stop or reset whose timer_cancel succeeds. The object only remembers which timer and which stamp. That timer
 * may be another's by now; then its stamp is another, and cancel fails: the function was started.
 *
 *   1. The object's words are read and written only under its lock, one of a few by its address (time.h).
 *   2. The callback passes through that lock before it starts the function: so start and reset, which
 *      write the object after arming, are done with it before the function can free it. (The lock's
 *      number travels as the timer's seq; the address is not looked at again.)
 *
 * From this Go's promises follow: stop says true exactly when the function will not run for that arming, reset likewise, and the
 * function runs once for each arming that was not stopped.
 *
 * Rejected: the lock inside the object, as the callback could not go through it. */
#include "garn.h"
#include "core/throw.h"
#include "time/time.h"

struct ftimer {
	struct timer *t; /* L: of the last arming, null before the first and after a stop */
	uint64_t stamp;  /* L: that arming's */
	void (*fn)(void *); /* L */
	void *arg;       /* L */
};
_Static_assert(sizeof(struct ftimer) <= sizeof(garn_timer), "garn_timer is too small");

struct timelock timelocks[TIMELOCKS];

/* On g0. The timer was popped from its heap: it is ours. */
static void startfn(void *arg, uint32_t seq, int64_t now)
{
	(void)now;
	struct timer *t = arg;
	lock(&timelocks[seq].lock);
	unlock(&timelocks[seq].lock);
	void (*fn)(void *) = (void (*)(void *))(uintptr_t)t->data[0];
	void *fnarg = t->data[1];
	timer_free(t);
	newproc_call(fn, fnarg, false);
}

/* Take the last arming back. True: its timer is ours now. Holds the object's lock. */
static bool disarm(struct ftimer *f)
{
	return f->t != NULL && timer_cancel(f->t, f->stamp);
}

/* Arm t, or a new timer, for f. Releases the object's lock n; after that f is not touched. */
static void arm_unlock(struct ftimer *f, uint32_t n, struct timer *t, int64_t ns)
{
	if (t == NULL)
		t = timer_new(startfn, NULL);
	t->data[0] = (void *)(uintptr_t)f->fn;
	t->data[1] = f->arg;
	bool wake;
	int64_t when = timer_deadline(os_nanotime(), ns);
	f->t = t;
	f->stamp = timer_arm(t, mytimers(), when, 0, n, &wake);
	unlock(&timelocks[n].lock);
	if (wake)
		wakenetpoller(when);
}

/* Runs on: g, foreign. Never parks. */
void garn_timer_start(garn_timer *timer, int64_t ns, void (*fn)(void *), void *arg)
{
	struct ftimer *f = (struct ftimer *)timer;
	uint32_t n = timelocknumber(f);
	mustgetg();
	if (fn == NULL)
		fatal("garn_timer_start: no function");
	lock(&timelocks[n].lock);
	if (f->t != NULL && timer_pending(f->t, f->stamp)) {
		unlock(&timelocks[n].lock);
		fatal("garn_timer_start: timer already started");
	}
	f->fn = fn;
	f->arg = arg;
	arm_unlock(f, n, NULL, ns);
}

/* Runs on: g, foreign. Never parks. */
bool garn_timer_stop(garn_timer *timer)
{
	struct ftimer *f = (struct ftimer *)timer;
	uint32_t n = timelocknumber(f);
	lock(&timelocks[n].lock);
	struct timer *t = disarm(f) ? f->t : NULL;
	f->t = NULL;
	unlock(&timelocks[n].lock);
	if (t == NULL)
		return false;
	timer_free(t);
	return true;
}

/* Runs on: g, foreign. Never parks. */
bool garn_timer_reset(garn_timer *timer, int64_t ns)
{
	struct ftimer *f = (struct ftimer *)timer;
	uint32_t n = timelocknumber(f);
	mustgetg();
	lock(&timelocks[n].lock);
	if (f->fn == NULL) {
		unlock(&timelocks[n].lock);
		fatal("garn_timer_reset: timer was never started");
	}
	bool was = disarm(f);
	arm_unlock(f, n, was ? f->t : NULL, ns);
	return was;
}
