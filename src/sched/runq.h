/* Run queues: the ring of each P, and lists of gs. */
#ifndef SCHED_RUNQ_H
#define SCHED_RUNQ_H

#include "core/runtime.h"

/* A list of gs by schedlink. Private to whoever holds it. */
struct gqueue {
	struct g *head, *tail;
	uint32_t n;
};

static inline void gqueue_push(struct gqueue *q, struct g *gp)
{
	gp->schedlink = NULL;
	if (q->tail)
		q->tail->schedlink = gp;
	else
		q->head = gp;
	q->tail = gp;
	q->n++;
}

static inline struct g *gqueue_pop(struct gqueue *q)
{
	struct g *gp = q->head;
	if (!gp)
		return NULL;
	q->head = gp->schedlink;
	if (!q->head)
		q->tail = NULL;
	q->n--;
	return gp;
}

/* Put gp at the tail, or with next before all others (the one that was there goes to the tail). When the
 * ring is full, half of it and the g that found no room come back in spill: true.
 * Runs on: any. By the owner of the P only. */
bool runqput(struct runq *rq, struct g *gp, bool next, struct gqueue *spill);
/* The next to run, or null; *inherit when it came from runnext. By the owner only. */
struct g *runqget(struct runq *rq, bool *inherit);
/* Take half of another's ring, in batch order, into rq (ours, empty); one of them is returned to run. When only runnext is
 * there: taken if nextok. By the owner of rq only. */
struct g *runqsteal(struct runq *rq, struct runq *victim, bool nextok);
/* Take everything, for a P that is retired. By the owner only. */
void runqdrain(struct runq *rq, struct gqueue *all);
/* Never says empty when it was not so all the time (a g may move from runnext to the ring meanwhile). By anybody. */
bool runqempty(struct runq *rq);
uint32_t runqlen(struct runq *rq);

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
