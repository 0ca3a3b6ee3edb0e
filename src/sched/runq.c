/* The ring of a P: its owner puts at the tail and takes from the head, thieves take from the head.
 *
 * 1. Slots [head, tail) hold gs; only the owner moves tail, anybody moves head, by compare-and-swap.
 * 2. A slot is written before tail publishes it (rel[RQ1]) and read after tail was seen (acq[RQ1]).
 * 3. A taken slot is read before head moves past it (rel[RQ2]); the owner sees head (acq[RQ2]) before it writes the slot again.
 * 4. runnext holds at most one g, which runs before the ring. Only the owner turns it from null into a g, so it may
 *    do that with a plain store; from a g to anything else everybody uses compare-and-swap.
 *
 * Rejected for now: an owner's side with no locked instruction at all (thieves would announce themselves and pay for a
 * membarrier): saves 8 ns a dispatch, and the proof is longer than this file. */

#include "sched/runq.h"

/* The ring was full: half of it and gp, as a list for the global queue. Fails when thieves made room meanwhile. */
static bool runqputslow(struct runq *rq, struct g *gp, uint32_t h, uint32_t t, struct gqueue *spill)
{
	struct g *batch[RUNQ / 2];
	uint32_t n = (t - h) / 2;
	if (n != RUNQ / 2)
		return false;
	for (uint32_t i = 0; i < n; i++)
		batch[i] = load_rlx(&rq->ring[(h + i) % RUNQ]);
	if (!cas_rel(&rq->head, h, h + n)) // rel[RQ2]: the slots have been read
		return false;
	for (uint32_t i = 0; i < n; i++)
		gqueue_push(spill, batch[i]);
	gqueue_push(spill, gp);
	return true;
}

/* The ring had no room a moment ago. Runs on: any. By the owner only. */
bool runqput_full(struct runq *rq, struct g *gp, struct gqueue *spill)
{
	spill->n = spill->first = 0;
	for (;;) {
		uint32_t h = load_acq(&rq->head); // acq[RQ2]
		uint32_t t = load_rlx(&rq->tail);
		if (t - h < RUNQ) {
			store_rlx(&rq->ring[t % RUNQ], gp);
			store_rel(&rq->tail, t + 1); // rel[RQ1]
			return false;
		}
		if (runqputslow(rq, gp, h, t, spill))
			return true;
	}
}

void runqdrain(struct runq *rq, struct gqueue *all)
{
	bool inherit;
	for (struct g *gp; (gp = runqget(rq, &inherit));)
		gqueue_push(all, gp);
}

/* Copy about half of the victim's ring to our slots from t on; how many. */
static uint32_t runqgrab(struct runq *rq, struct runq *victim, uint32_t t, bool nextok)
{
	for (;;) {
		uint32_t h = load_acq(&victim->head); // acq[RQ2]
		uint32_t vt = load_acq(&victim->tail); // acq[RQ1]: sees the slots
		uint32_t n = vt - h;
		n -= n / 2;
		if (n == 0) {
			struct g *gp = nextok ? load_rlx(&victim->next) : NULL;
			if (!gp || !cas_acq(&victim->next, gp, NULL)) // acq[RQ3]
				return 0;
			store_rlx(&rq->ring[t % RUNQ], gp);
			return 1;
		}
		if (n > RUNQ / 2)
			continue; // head and tail were read at different moments
		for (uint32_t i = 0; i < n; i++)
			store_rlx(&rq->ring[(t + i) % RUNQ], load_rlx(&victim->ring[(h + i) % RUNQ]));
		if (cas_acqrel(&victim->head, h, h + n)) // rel[RQ2]
			return n;
	}
}

struct g *runqsteal(struct runq *rq, struct runq *victim, bool nextok)
{
	uint32_t t = load_rlx(&rq->tail);
	uint32_t n = runqgrab(rq, victim, t, nextok);
	if (n == 0)
		return NULL;
	n--;
	struct g *gp = load_rlx(&rq->ring[(t + n) % RUNQ]);
	if (n > 0)
		store_rel(&rq->tail, t + n); // rel[RQ1]
	return gp;
}

bool runqempty(struct runq *rq)
{
	/* A g moves from runnext to the ring, never back: if tail did not move between the looks,
	 * no g slipped from the second to the first. */
	for (;;) {
		uint32_t h = load_acq(&rq->head); // acq[RQ2]
		uint32_t t = load_acq(&rq->tail); // acq[RQ1]
		struct g *next = load_acq(&rq->next); // acq[RQ3]
		if (t == load_acq(&rq->tail)) // acq[RQ1]
			return h == t && !next;
	}
}

uint32_t runqlen(struct runq *rq)
{
	uint32_t h = load_acq(&rq->head); // acq[RQ2]
	uint32_t t = load_acq(&rq->tail); // acq[RQ1]
	return t - h + (load_rlx(&rq->next) != NULL);
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t r = a % b;
		a = b;
		b = r;
	}
	return a;
}

struct randomorder randomorder_start(uint32_t n, uint32_t rnd)
{
	uint32_t inc = n > 1 ? 1 + (rnd >> 16) % (n - 1) : 0;
	while (n > 1 && gcd(inc, n) != 1)
		inc = inc % (n - 1) + 1;
	return (struct randomorder){ .left = n - 1, .n = n, .pos = (rnd & 0xffff) % n, .inc = inc };
}
