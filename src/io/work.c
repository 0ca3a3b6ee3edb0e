/* Helper threads for calls that block.
 *
 * A thread is made when a request finds none idle, up to the pool's limit; it ends after a while without work. Requests queue, first
 * come first served.
 *
 *   1. A request has two holders, who asked and who runs it, and the last of them drops it. So who asked may leave at
 *      his deadline, and what comes too late is freed where it comes.
 *   2. Of the end of the call and the deadline, the one that wins g.selectdone wakes the g, as in select.
 *   3. `done`, and whether somebody waits for it, are under the pool's lock, which the g that parks holds until it is marked
 *      waiting: so the end of the call is never missed. The timer is armed before that lock is released, as the g may
 *      be gone after.
 *   4. From its queueing to its end a request is announced (outside): waiting for it is no deadlock. The g is readied before that
 *      ends.
 *
 * Tried and rejected: an asynchronous resolver (c-ares, libasyncns). c-ares does not know what nsswitch.conf says (files aside), so
 * that a name would be found by other programs and not by ours; libasyncns is this file. */
#include "io/work.h"
#include "core/lock.h"
#include "garn.h"
#include "os/os.h"
#include "sched/san.h"
#include "sched/sched.h"
#include "sync/sudog.h"
#include "timer/timer.h"

static const int64_t IDLE_NS = 5000000000;
enum { STACK = 512 << 10 }; /* modules of nsswitch.conf are not made for small ones */

struct workpool {
	struct lock lock;    /* outermost: held while a timer is armed */
	int limit;           /* I: threads */
	struct work *first;  /* L */
	struct work **end;   /* L */
	int queued;          /* L */
	int threads, idle;   /* L */
	uint32_t posts;      /* L, A to sleep on: one for each request */
};

struct workpool lookups = { .limit = WORK_LOOKUPS, .end = &lookups.first };
struct workpool children = { .limit = WORK_CHILDREN, .end = &children.first };

void workdrop(struct work *w)
{
	if (add_acqrel(&w->refs, -1) == 0) // acqrel[WR]: all use is before the end
		w->drop(w);
}

/* ---- the threads ------------------------------------------------------------------------------- */

/* Take a request; wait for one. Null when none came for long: then the thread is counted out. */
static struct work *takework(struct workpool *pool)
{
	lock(&pool->lock);
	for (int64_t until = os_nanotime() + IDLE_NS; !pool->first;) {
		int64_t left = until - os_nanotime();
		uint32_t seen = pool->posts;
		if (left <= 0) {
			pool->threads--;
			break;
		}
		pool->idle++;
		unlock(&pool->lock);
		os_futexsleep(&pool->posts, seen, left);
		lock(&pool->lock);
		pool->idle--;
	}
	struct work *w = pool->first;
	if (w) {
		pool->first = w->next;
		if (!w->next)
			pool->end = &pool->first;
		pool->queued--;
	}
	unlock(&pool->lock);
	return w;
}

static void finish(struct workpool *pool, struct work *w)
{
	lock(&pool->lock);
	w->done = true;
	struct g *gp = w->waiting && select_win(w->gp, w->gen) ? w->gp : NULL;
	unlock(&pool->lock);
	if (gp)
		goready(gp);
	workdrop(w);
	outside(-1);
}

static void worker(void *arg)
{
	struct workpool *pool = arg;
	struct work *w;
	while ((w = takework(pool))) {
		*garn_errno_location() = 0;
		w->run(w);
		w->err = *garn_errno_location();
		finish(pool, w);
	}
}

/* ---- who asks ---------------------------------------------------------------------------------- */

/* No thread to be had and none there: take w back, if it is still in the queue. Holds the lock. */
static bool takeback(struct workpool *pool, struct work *w)
{
	struct work **at = &pool->first;
	while (*at && *at != w)
		at = &(*at)->next;
	if (!*at || pool->threads > 0)
		return false;
	*at = w->next;
	if (!w->next)
		pool->end = at;
	pool->queued--;
	return true;
}

/* Queue w and see that somebody will take it. 0 or an errno. */
static int submit(struct workpool *pool, struct work *w)
{
	int err = 0;
	w->refs = 2;
	w->next = NULL;
	outside(1);
	lock(&pool->lock);
	*pool->end = w;
	pool->end = &w->next;
	store_rlx(&pool->posts, pool->posts + 1);
	bool more = ++pool->queued > pool->idle && pool->threads < pool->limit;
	pool->threads += more;
	unlock(&pool->lock);
	if (!more) {
		os_futexwake(&pool->posts, 1);
	} else if ((err = helperstart(STACK, worker, pool)) != 0) {
		lock(&pool->lock);
		pool->threads--;
		if (!takeback(pool, w))
			err = 0; /* the others will come to it */
		unlock(&pool->lock);
		if (err != 0) {
			w->refs = 1;
			outside(-1);
		}
	}
	return err;
}

struct waitfor {
	struct workpool *pool;
	struct work *w;
	int64_t when;
};

/* The g is marked waiting. Runs on: g0. */
g0func static bool parkwork(struct g *gp, void *arg)
{
	struct waitfor *wf = arg;
	struct workpool *pool = wf->pool;
	int64_t when = wf->when;
	bool wake = false;
	if (when)
		timer_start(gp->timer, mytimers(), when, 0, load_rlx(&gp->selectdone), &wake);
	unlock(&pool->lock); /* from here on the g may run */
	if (wake)
		wakenetpoller(when);
	return true;
}

int workdo(struct workpool *pool, struct work *w, int64_t when)
{
	struct g *gp = mustgetg();
	struct waitfor wf = { pool, w, when };
	w->gp = gp;
	w->waiting = w->done = false;
	if (when && when <= os_nanotime()) {
		w->refs = 1;
		return ETIMEDOUT;
	}
	int err = submit(pool, w);
	if (err != 0)
		return err;
	if (when && !gp->timer)
		gp->timer = timer_new(select_timedout, gp);
	lock(&pool->lock);
	if (w->done) {
		unlock(&pool->lock);
		return 0;
	}
	w->gen = select_next(gp);
	w->waiting = true;
	san_release(&pool->lock.key); /* it is released on g0 */
	gopark(parkwork, &wf, WAIT_IO);
	if (when)
		timer_stop(gp->timer);
	lock(&pool->lock);
	bool done = w->done;
	w->waiting = false;
	unlock(&pool->lock);
	return done ? 0 : ETIMEDOUT;
}
