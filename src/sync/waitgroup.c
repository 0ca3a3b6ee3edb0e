/* garn_waitgroup: one word, the counter in the high half, the number of waiters in the low half.
 *
 * 1. Waiters count themselves in and queue up under the root's lock, so whoever brings the counter to zero and finds waiters
 *    finds them all in the queue.
 * 2. Bringing it to zero with no waiters is one atomic step, and the last touch: the group may lie on the stack of
 *    somebody who looks at that moment and returns. With waiters, they are taken off and the word is cleared before the
 *    first of them is readied. */

#include "core/throw.h"
#include "garn.h"
#include "sched/sched.h"
#include "sync/sema.h"
#undef errno

static inline int32_t counter(uint64_t v)
{
	return (int32_t)(v >> 32);
}

static inline uint32_t waiters(uint64_t v)
{
	return (uint32_t)v;
}

static noinline void wakeall(garn_waitgroup *wg)
{
	struct semaroot *root = semaroot(wg);
	lock(&root->lock);
	struct g *list = sema_dequeueall(root, wg);
	uint64_t v;
	do
		v = load_rlx(wg->garn_opaque);
	while (!cas_rel(wg->garn_opaque, v, v & ~(uint64_t)UINT32_MAX)); // rel[WG]
	unlock(&root->lock);
	sema_readyall(list);
}

void garn_waitgroup_add(garn_waitgroup *wg, int n)
{
	uint64_t v = add_acqrel(wg->garn_opaque, (uint64_t)(int64_t)n << 32); // rel[WG]
	if (unlikely(counter(v) < 0))
		panic("sync: negative WaitGroup counter");
	if (unlikely(counter(v) == 0 && waiters(v) != 0))
		wakeall(wg);
}

void garn_waitgroup_done(garn_waitgroup *wg)
{
	garn_waitgroup_add(wg, -1);
}

void garn_waitgroup_wait(garn_waitgroup *wg)
{
	if (counter(load_acq(wg->garn_opaque)) == 0) // acq[WG]
		return;
	struct semaroot *root = semaroot(wg);
	mustgetg();
	lock(&root->lock);
	for (;;) {
		uint64_t v = load_acq(wg->garn_opaque); // acq[WG]
		if (counter(v) == 0) {
			unlock(&root->lock);
			return;
		}
		if (cas_acqrel(wg->garn_opaque, v, v + 1)) // acq[WG]
			break;
	}
	sema_park(root, wg, 0, 0, false, WAIT_WAITGROUP);
}
