/* Run queues: the ring of each P, and lists of gs. */
#ifndef SCHED_RUNQ_H
#define SCHED_RUNQ_H

#include "core/runtime.h"

/* A handful of gs on their way from one queue to another: as many as a P can have. Pointers in a row, so that moving them
 * does not touch the gs, which are cold. Set n and first to 0 to begin. */
struct gqueue {
	uint32_t n, first;
	struct g *gs[RUNQ + 2];
};

static inline void gqueue_push(struct gqueue *q, struct g *gp)
{
	q->gs[q->first + q->n++] = gp;
}

static inline struct g *gqueue_pop(struct gqueue *q)
{
	if (q->n == 0)
		return NULL;
	q->n--;
	return q->gs[q->first++];
}

/* The slow half of runqput. By the owner only. */
bool runqput_full(struct runq *rq, struct g *gp, struct gqueue *spill);

/* Put gp at the tail, or with next before all others (the one that was there goes to the tail). When the
 * ring is full, half of it and the g that found no room come back in spill: true.
 * Runs on: any. By the owner of the P only. */
static inline bool runqput(struct runq *rq, struct g *gp, bool next, struct gqueue *spill)
{
	if (next) {
		if (likely(!load_rlx(&rq->next))) {
			store_rel(&rq->next, gp); // rel[RQ3]: publishes the g
			return false;
		}
		gp = xchg_acqrel(&rq->next, gp); // rel[RQ3] acq[RQ3]
		if (!gp)
			return false;
	}
	uint32_t h = load_acq(&rq->head); // acq[RQ2]: the slot's last reader is done
	uint32_t t = load_rlx(&rq->tail);
	if (likely(t - h < RUNQ)) {
		store_rlx(&rq->ring[t % RUNQ], gp);
		store_rel(&rq->tail, t + 1); // rel[RQ1]: publishes the slot
		return false;
	}
	return runqput_full(rq, gp, spill);
}

/* The next to run, or null; *inherit when it came from runnext. By the owner only. */
static inline struct g *runqget(struct runq *rq, bool *inherit)
{
	struct g *gp = load_rlx(&rq->next);
	if (gp && cas_acq(&rq->next, gp, NULL)) { // acq[RQ3]
		*inherit = true;
		return gp;
	}
	*inherit = false;
	for (;;) {
		uint32_t h = load_acq(&rq->head); // acq[RQ2]
		uint32_t t = load_rlx(&rq->tail);
		if (t == h)
			return NULL;
		gp = load_rlx(&rq->ring[h % RUNQ]);
		if (likely(cas_rel(&rq->head, h, h + 1))) // rel[RQ2]: the slot has been read
			return gp;
	}
}

/* Take half of another's ring, in batch order, into rq (ours, empty); one of them is returned to run. When only runnext is
 * there: taken if nextok. By the owner of rq only. */
struct g *runqsteal(struct runq *rq, struct runq *victim, bool nextok);
/* Take everything, for a P that is retired. By the owner only. */
void runqdrain(struct runq *rq, struct gqueue *all);
/* Never says empty when it was not so all the time (a g may move from runnext to the ring meanwhile). By anybody. */
bool runqempty(struct runq *rq);
uint32_t runqlen(struct runq *rq); /* by anybody; a moment ago */

/* Visits every position of [0, n) once, from a random start, in steps of a random number coprime to n. */
struct randomorder {
	uint32_t left, n, pos, inc;
};
struct randomorder randomorder_start(uint32_t n, uint32_t rnd);
static inline bool randomorder_next(struct randomorder *o)
{
	if (o->left == 0)
		return false;
	o->left--;
	o->pos += o->inc;
	if (o->pos >= o->n)
		o->pos -= o->n;
	return true;
}

#endif
