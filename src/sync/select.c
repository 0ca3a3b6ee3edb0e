/* select: wait on many channels, do one thing.
 *
 * Pass 0 looks at the cases in random order without locks, and tries the first that seems ready: most selects end there, with one
 * lock. It proves nothing when it finds none: a channel may have become ready behind it.
 * Pass 1 locks all channels, in address order, and looks again in the same random order: now "none ready" is a fact.
 * Pass 2 puts a sudog on each channel and parks; the locks are released on g0, when the g can be woken.
 * Pass 3 takes the sudogs that did not win off their queues, one lock at a time. The winner's channel is not touched
 * again: who woke us may have freed it.
 *
 * 1. Of all who would wake the g (senders, receivers, closers, the timer) one wins: the compare-and-swap on g.selectdone
 *    from this select's generation. A stale timer has an old generation and never wins.
 * 2. The timer is armed after the g is marked waiting and before any lock is released.
 *
 * Go locks all before it looks at all: five locked instructions more on the common path of four cases. */

#include "core/lock.h"
#include "core/throw.h"
#include "garn.h"
#include "sched/san.h"
#include "sched/retake.h"
#include "sched/sched.h"
#include "sync/sudog.h"
#include "timer/timer.h"
#include <stdlib.h>
#undef errno

enum { SMALL = 16, LIMIT = 65536 };

struct sel {
	struct g *gp;
	struct garn_case *cases;
	uint32_t *poll;      /* channel cases in random order */
	uint32_t *lockorder; /* the same, by address */
	uint32_t n;          /* how many have a channel */
	int dflt;            /* the position of on_default, or of a timeout that is due, or -1 */
	int timeout;         /* the position of the earliest timeout, or -1 */
	int64_t when;        /* its time */
	struct sudog *list;  /* in lock order, by waitlink */
};

static inline bool issend(struct garn_case *k)
{
	return k->kind == GARN_CASE_SEND;
}

/* Without the lock: might it go? */
static inline bool maybeready(struct garn_case *k)
{
	garn_chan *c = k->c;
	if (load_rlx(&c->closed))
		return true;
	if (issend(k))
		return load_rlx(&c->recvq.first) || load_rlx(&c->qcount) < c->dataqsiz;
	return load_rlx(&c->sendq.first) || load_rlx(&c->qcount) > 0;
}

/* Do it if it can be done. The lock is held; released unless it must wait. */
static inline bool try(struct garn_case *k)
{
	switch (issend(k) ? chansend_locked(k->c, k->elem) : chanrecv_locked(k->c, k->elem)) {
	case CHAN_DONE:
		if (!issend(k) && k->ok)
			*k->ok = true;
		return true;
	case CHAN_CLOSED:
		if (issend(k))
			panic("send on closed channel");
		if (k->ok)
			*k->ok = false;
		return true;
	case CHAN_WAIT: break;
	}
	return false;
}

static int look(struct sel *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct garn_case *k = &s->cases[s->poll[i]];
		if (!maybeready(k))
			continue;
		lock(&k->c->lock);
		if (try(k))
			return (int)s->poll[i];
		unlock(&k->c->lock);
	}
	return -1;
}

static inline garn_chan *nth(struct sel *s, uint32_t i)
{
	return s->cases[s->lockorder[i]].c;
}

/* By address, smallest first: few enough for insertion, else by heap. */
static void siftdown(struct sel *s, uint32_t i, uint32_t n)
{
	for (uint32_t k; (k = 2 * i + 1) < n; i = k) {
		if (k + 1 < n && nth(s, k) < nth(s, k + 1))
			k++;
		if (nth(s, i) >= nth(s, k))
			return;
		uint32_t t = s->lockorder[i];
		s->lockorder[i] = s->lockorder[k];
		s->lockorder[k] = t;
	}
}

static void sortmany(struct sel *s)
{
	for (uint32_t i = s->n / 2; i-- > 0;)
		siftdown(s, i, s->n);
	for (uint32_t i = s->n; i-- > 1;) {
		uint32_t t = s->lockorder[0];
		s->lockorder[0] = s->lockorder[i];
		s->lockorder[i] = t;
		siftdown(s, 0, i);
	}
}

static void sortlocks(struct sel *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t c = s->poll[i], j = i;
		if (s->n <= SMALL)
			for (; j > 0 && nth(s, j - 1) > s->cases[c].c; j--)
				s->lockorder[j] = s->lockorder[j - 1];
		s->lockorder[j] = c;
	}
	if (s->n > SMALL)
		sortmany(s);
}

static void lockall(struct sel *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (i == 0 || nth(s, i) != nth(s, i - 1))
			lock(&nth(s, i)->lock);
}

/* All but one, which was released already (or null). */
static void unlockall(struct sel *s, garn_chan *but)
{
	for (uint32_t i = s->n; i-- > 0;) {
		garn_chan *c = nth(s, i);
		if (c != but && (i == 0 || c != nth(s, i - 1)))
			unlock(&c->lock);
	}
}

static int looklocked(struct sel *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct garn_case *k = &s->cases[s->poll[i]];
		garn_chan *c = k->c;
		if (c->closed && issend(k)) {
			unlockall(s, NULL);
			panic("send on closed channel");
		}
		if (try(k)) {
			unlockall(s, c);
			return (int)s->poll[i];
		}
	}
	return -1;
}

/* The time of a select, or of a sleep, has come. Runs on: g0. */
void select_timedout(void *arg, uint32_t gen, int64_t now)
{
	struct g *gp = arg;
	(void)now;
	if (!select_win(gp, gen))
		return;
	gp->param = NULL;
	goready(gp);
}

/* The g is marked waiting: arm the timer, release the locks. A released channel's sudogs may be gone at once. */
g0func static bool selparkcommit(struct g *gp, void *arg)
{
	struct sel *s = arg;
	struct sudog *sg = s->list;
	int64_t when = s->timeout >= 0 ? s->when : 0;
	bool wake = false;
	if (when)
		timer_start(gp->timer, mytimers(), when, 0, load_rlx(&gp->selectdone), &wake);
	while (sg) {
		garn_chan *c = sg->c;
		do
			sg = sg->waitlink;
		while (sg && sg->c == c);
		unlock(&c->lock);
	}
	if (wake)
		wakenetpoller(when);
	return true;
}

static void enqueueall(struct sel *s)
{
	struct g *gp = s->gp;
	uint32_t gen = select_next(gp);
	struct sudog **end = &s->list;
	for (uint32_t i = 0; i < s->n; i++) {
		struct garn_case *k = &s->cases[s->lockorder[i]];
		struct sudog *sg = acquiresudog();
		sg->g = gp;
		sg->elem = k->elem;
		sg->c = k->c;
		sg->casei = (uint16_t)s->lockorder[i];
		sg->isselect = true;
		sg->success = false;
		sg->ticket = gen;
		sg->waitlink = NULL;
		*end = sg;
		end = &sg->waitlink;
		waitq_put(issend(k) ? &k->c->sendq : &k->c->recvq, sg);
		san_release(&k->c->lock.key);
	}
}

/* Woken by `won`, or the timer: leave all other queues. */
static void dequeueall(struct sel *s, struct sudog *won)
{
	while (s->list) {
		struct sudog *sg = s->list;
		s->list = sg->waitlink;
		if (sg != won) {
			struct garn_case *k = &s->cases[sg->casei];
			struct waitq *q = issend(k) ? &k->c->sendq : &k->c->recvq;
			lock(&k->c->lock);
			if (sg->next || sg->prev || q->first == sg)
				waitq_remove(q, sg);
			unlock(&k->c->lock);
		}
		sg->isselect = false;
		releasesudog(sg);
	}
}

/* All locks are held, nothing is ready. */
static int selectwait(struct sel *s)
{
	struct g *gp = s->gp;
	if (s->timeout >= 0 && !gp->timer)
		gp->timer = timer_new(select_timedout, gp);
	enqueueall(s);
	gopark(selparkcommit, s, s->n ? WAIT_SELECT : s->timeout >= 0 ? WAIT_SELECT : WAIT_SELECT_NONE);
	if (s->timeout >= 0)
		timer_stop(gp->timer);
	struct sudog *won = gp->param;
	gp->param = NULL;
	if (!won) {
		dequeueall(s, NULL);
		return s->timeout;
	}
	struct garn_case *k = &s->cases[won->casei];
	int i = won->casei;
	bool success = won->success;
	if (!success && !issend(k))
		chan_zero(won);
	dequeueall(s, won);
	if (issend(k)) {
		if (!success)
			panic("send on closed channel");
	} else if (k->ok) {
		*k->ok = success;
	}
	return i;
}

/* Sort the cases by kind; a random permutation of those with a channel. (g0func: the M's seed is out of TSan's sight.) */
g0func static void plan(struct sel *s, struct garn_case *cases, size_t n)
{
	uint64_t seed = s->gp->m->fastrand;
	for (size_t i = 0; i < n; i++) {
		struct garn_case *k = &cases[i];
		switch (k->kind) {
		case GARN_CASE_DEFAULT:
			s->dflt = (int)i;
			continue;
		case GARN_CASE_TIMEOUT:
			if (k->ns <= 0)
				s->dflt = s->dflt < 0 ? (int)i : s->dflt;
			else if (s->timeout < 0 || k->ns < cases[s->timeout].ns)
				s->timeout = (int)i;
			continue;
		default:
			break;
		}
		if (!k->c)
			continue;
		uint32_t j = rand_below(&seed, s->n + 1);
		s->poll[s->n++] = s->poll[j];
		s->poll[j] = (uint32_t)i;
	}
	s->gp->m->fastrand = seed;
}

static int selectgo(struct sel *s)
{
	int i = look(s);
	if (i >= 0)
		return i;
	sortlocks(s);
	lockall(s);
	if ((i = looklocked(s)) >= 0)
		return i;
	if (s->dflt >= 0) {
		unlockall(s, NULL);
		return s->dflt;
	}
	if (s->timeout >= 0 && __builtin_add_overflow(os_nanotime(), s->cases[s->timeout].ns, &s->when))
		s->when = INT64_MAX;
	return selectwait(s);
}

int garn_select(struct garn_case *cases, size_t n)
{
	callpoint(getg());
	uint32_t small[2 * SMALL], *big = NULL;
	if (n > LIMIT)
		fatal("select: over 65536 cases");
	if (n > SMALL && !(big = malloc(2 * n * sizeof *big)))
		fatal_os("no memory for a select", ENOMEM, "see " MEMORY_LIMITS);
	struct sel s = { .gp = mustgetg(), .cases = cases, .dflt = -1, .timeout = -1 };
	s.poll = big ? big : small;
	s.lockorder = s.poll + n;
	plan(&s, cases, n);
	if (s.dflt < 0)
		hard_yield();
	int i = selectgo(&s);
	if (big)
		free(big);
	return i;
}
