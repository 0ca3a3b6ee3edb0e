/* The global run queue: a list under sched.lock. What overflows, what comes from threads without a P, and what should wait for
 * its turn behind all others. runqsize may be read without the lock, as a hint. */

#include "sched/proc.h"

void globrunqput(struct g *gp)
{
	struct gqueue q = { 0 };
	gqueue_push(&q, gp);
	globrunqputbatch(&q);
}

void globrunqputbatch(struct gqueue *q)
{
	if (!q->head)
		return;
	if (sched.runqtail)
		sched.runqtail->schedlink = q->head;
	else
		sched.runqhead = q->head;
	sched.runqtail = q->tail;
	store_rlx(&sched.runqsize, sched.runqsize + (int32_t)q->n);
}

static struct g *pop(void)
{
	struct g *gp = sched.runqhead;
	sched.runqhead = gp->schedlink;
	if (!sched.runqhead)
		sched.runqtail = NULL;
	store_rlx(&sched.runqsize, sched.runqsize - 1);
	return gp;
}

/* One to run; with max 0 also a fair share for pp's ring (which must be empty), else max in all. */
struct g *globrunqget(struct p *pp, int32_t max)
{
	int32_t n = sched.runqsize;
	if (n == 0)
		return NULL;
	int32_t procs = load_rlx(&sched.gomaxprocs); /* 0 once garn_run has returned */
	int32_t share = n / (procs > 0 ? procs : 1) + 1;
	if (share > n)
		share = n;
	if (share > RUNQ / 2)
		share = RUNQ / 2;
	if (max > 0 && share > max)
		share = max;
	struct g *gp = pop();
	while (--share > 0) {
		struct gqueue spill;
		if (runqput(&pp->runq, pop(), false, &spill))
			globrunqputbatch(&spill);
	}
	return gp;
}
