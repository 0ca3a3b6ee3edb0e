/* sudogs for those who wait on more than one thing, and FIFO queues of them. */
#ifndef SYNC_SUDOG_H
#define SYNC_SUDOG_H

#include "core/runtime.h"
#include "sync/chan.h"

void sudoginit(void); /* before all else, once */
/* From the P's cache, if there is a P. Runs on: g, foreign. Never parks. */
struct sudog *acquiresudog(void);
void releasesudog(struct sudog *sg); /* as acquiresudog */

/* Hold the lock of the object the queue belongs to. */
static inline void waitq_put(struct waitq *q, struct sudog *sg)
{
	sg->next = NULL;
	sg->prev = q->last;
	if (q->last)
		q->last->next = sg;
	else
		store_rlx(&q->first, sg); /* try calls and select look without the lock */
	q->last = sg;
}

static inline void waitq_remove(struct waitq *q, struct sudog *sg)
{
	if (sg->prev)
		sg->prev->next = sg->next;
	else
		store_rlx(&q->first, sg->next);
	if (sg->next)
		sg->next->prev = sg->prev;
	else
		q->last = sg->prev;
	sg->next = sg->prev = NULL;
}

/* Generation and the won bit of g.selectdone: the one who sets the bit wakes the g. */
static inline bool select_win(struct g *gp, uint32_t gen)
{
	return cas_acqrel(&gp->selectdone, gen, gen | 1); // acq[SD] rel[SD]
}

/* A new generation, for a select or a sleep that begins: what is on its way for earlier ones wins nothing. */
static inline uint32_t select_next(struct g *gp)
{
	uint32_t gen = (load_rlx(&gp->selectdone) & ~1u) + 2;
	store_rlx(&gp->selectdone, gen);
	return gen;
}

/* What g.timer does when its time comes: wake the g, if nobody has. Runs on: g0. */
void select_timedout(void *gp, uint32_t gen, int64_t now);

/* The first waiter that can be woken: a selecting g only if this is the case that wins it. */
static inline struct sudog *waitq_get(struct waitq *q)
{
	for (;;) {
		struct sudog *sg = q->first;
		if (!sg)
			return NULL;
		store_rlx(&q->first, sg->next);
		if (sg->next)
			sg->next->prev = NULL;
		else
			q->last = NULL;
		sg->next = sg->prev = NULL;
		if (!sg->isselect || select_win(sg->g, sg->ticket))
			return sg;
		/* Another case has won this g; it will find itself off our queue: next and prev null, and not first. */
	}
}

#endif
