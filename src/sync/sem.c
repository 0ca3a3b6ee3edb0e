/* garn_sem: a counting semaphore in one word, the count in the low half, the number of waiters in the high half.
 *
 * 1. Release adds one to the count; what it finds in the high half at that same instant says whether to wake somebody. After
 *    that instruction it uses the address only as a key.
 * 2. A waiter counts itself in by a compare-and-swap that also sees the count, so no release falls between. It stays
 *    counted until it has taken a unit. */

#include "core/throw.h"
#include "garn.h"
#include "os/os.h"
#include "sched/sched.h"
#include "sync/sema.h"
#undef errno

static const uint64_t WAITER = (uint64_t)1 << 32;

static inline uint32_t count(uint64_t v)
{
	return (uint32_t)v;
}

bool garn_sem_try(garn_sem *s)
{
	uint64_t v = load_rlx(s->garn_opaque);
	while (count(v) > 0) {
		if (cas_acq(s->garn_opaque, v, v - 1)) // acq[SM]
			return true;
		v = load_rlx(s->garn_opaque);
	}
	return false;
}

/* Count in as a waiter; false when a unit was there and was taken instead. */
static bool enlist(garn_sem *s)
{
	for (;;) {
		uint64_t v = load_rlx(s->garn_opaque);
		if (cas_acq(s->garn_opaque, v, count(v) ? v - 1 : v + WAITER)) // acq[SM]
			return count(v) == 0;
	}
}

/* A waiter takes a unit, and is none any more. */
static bool take(garn_sem *s)
{
	uint64_t v = load_rlx(s->garn_opaque);
	while (count(v) > 0) {
		if (cas_acq(s->garn_opaque, v, v - 1 - WAITER)) // acq[SM]
			return true;
		v = load_rlx(s->garn_opaque);
	}
	return false;
}

void garn_sem_acquire(garn_sem *s)
{
	hard_yield();
	if (garn_sem_try(s))
		return;
	mustgetg();
	if (!enlist(s))
		return;
	const void *key = semakey(s, SEMA_SEM);
	struct semaroot *root = semaroot(key);
	for (bool again = false;; again = true) {
		lock(&root->lock);
		if (take(s)) {
			unlock(&root->lock);
			return;
		}
		sema_park(root, key, 0, 0, again, WAIT_SEMACQUIRE);
		if (take(s))
			return;
	}
}

void garn_sem_release(garn_sem *s)
{
	uint64_t v = add_acqrel(s->garn_opaque, 1); // rel[SM]
	if (unlikely(count(v) == 0))
		fatal("garn_sem_release: over 4294967295 units");
	if (v < WAITER)
		return;
	const void *key = semakey(s, SEMA_SEM);
	struct semaroot *root = semaroot(key);
	bool more;
	lock(&root->lock);
	struct sudog *sg = sema_dequeue(root, key, &more);
	unlock(&root->lock);
	if (sg)
		goready(sg->g);
}
