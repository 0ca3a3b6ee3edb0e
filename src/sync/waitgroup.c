/* garn_waitgroup: a word with the counter in the high half and the number of waiters in the low half, and a list of the waiters.
 *
 * 1. A waiter first counts itself in, by a compare-and-swap that also sees the counter above zero, and then, parked, puts its
 *    sudog on the list. So whoever brings the counter to zero knows how many sudogs there will be, and waits for the
 *    last of them to arrive: their owners are between two instructions.
 * 2. Bringing the counter to zero with no waiters is one atomic step, and the last touch: the group may lie on the stack of
 *    somebody who looks at that moment and returns. With waiters the group is alive until the first is readied; all
 *    are off the list, and the word is cleared, before that.
 * 3. A counter that rises from zero while there are waiters is a mistake, as in Go, and dies. So does one that has risen when a
 *    waiter wakes: but only if it was alone, as of several the first may have freed the group when the next wakes.
 *
 * Go waits in the sema table; a fork-join program has a waiter for each of its inner nodes, each with an address
 * of its own, and spent half its time in the table's trees. */

#include "core/throw.h"
#include "garn.h"
#include "os/os.h"
#include "sched/sched.h"
#undef errno

struct waitgroup {
	uint64_t state;     /* A[WG] */
	struct sudog *list; /* A[WL]: by waitlink; pushed by waiters, taken whole by the waker */
};
_Static_assert(sizeof(struct waitgroup) == sizeof(garn_waitgroup), "garn_waitgroup's size");

static inline int32_t counter(uint64_t v)
{
	return (int32_t)(v >> 32);
}

static inline uint32_t waiters(uint64_t v)
{
	return (uint32_t)v;
}

/* Take n waiters off the list, in any order. */
static struct sudog *takeall(struct waitgroup *wg, uint32_t n)
{
	struct sudog *all = NULL;
	for (int spins = 0; n > 0; spins++) {
		struct sudog *sg = xchg_acqrel(&wg->list, NULL); // acq[WL]
		while (sg) {
			struct sudog *next = sg->waitlink;
			sg->waitlink = all;
			all = sg;
			sg = next;
			n--;
		}
		if (n > 0 && spins > 100)
			os_yield();
	}
	return all;
}

#define CONCURRENT "sync: WaitGroup misuse: Add called concurrently with Wait"

static noinline void wakeall(struct waitgroup *wg, uint32_t n)
{
	struct sudog *sg = takeall(wg, n);
	if (!cas_rel(&wg->state, n, 0)) // rel[WG]
		panic(CONCURRENT);
	while (sg) {
		struct sudog *next = sg->waitlink;
		sg->success = n == 1;
		goready(sg->g);
		sg = next;
	}
}

void garn_waitgroup_add(garn_waitgroup *group, int n)
{
	struct waitgroup *wg = (struct waitgroup *)group;
	uint64_t v = add_acqrel(&wg->state, (uint64_t)(int64_t)n << 32); // rel[WG]
	if (unlikely(counter(v) < 0))
		panic("sync: negative WaitGroup counter");
	if (unlikely(waiters(v) != 0)) {
		if (counter(v) == 0)
			wakeall(wg, waiters(v));
		else if (n > 0 && counter(v) == n)
			panic(CONCURRENT);
	}
}

void garn_waitgroup_done(garn_waitgroup *wg)
{
	garn_waitgroup_add(wg, -1);
}

/* The g is marked waiting: from the push on it may be readied. */
static bool enlist(struct g *gp, void *arg)
{
	struct waitgroup *wg = arg;
	struct sudog *sg = &gp->sudog, *head;
	do {
		head = load_rlx(&wg->list);
		sg->waitlink = head;
	} while (!cas_rel(&wg->list, head, sg)); // rel[WL]
	return true;
}

void garn_waitgroup_wait(garn_waitgroup *group)
{
	struct waitgroup *wg = (struct waitgroup *)group;
	uint64_t v;
	do {
		v = load_acq(&wg->state); // acq[WG]
		if (counter(v) == 0)
			return;
	} while (!cas_acqrel(&wg->state, v, v + 1)); // acq[WG]
	struct g *gp = mustgetg();
	gp->sudog.g = gp;
	gopark(enlist, wg, WAIT_WAITGROUP);
	if (gp->sudog.success && load_rlx(&wg->state) != 0)
		panic("sync: WaitGroup is reused before previous Wait has returned");
}
