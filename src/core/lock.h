/* The runtime's own lock, for sections of a few dozen instructions. Not for users' critical sections. */
#ifndef CORE_LOCK_H
#define CORE_LOCK_H

#include "core/hard.h"
#include "core/runtime.h"
#include "os/os.h"

/* Ranks: a lock may be taken only while all held ones have a lower rank (checked under GARN_CHECK).
 * Channels among themselves: in address order (select). */
enum lockrank {
	RANK_NONE,
	RANK_CHAN,   /* may be held with others of its rank, in address order */
	RANK_COND,
	RANK_SEMA,
	RANK_POLL,
	RANK_TIMERS,
	RANK_SCHED,
	RANK_TEMPLATE,
	RANK_SLAB,
	RANK_STACK,
	RANK_LEAF,
	RANK_PACK,   /* in fault handlers: while any other is held */
};

void lockinit(struct lock *l, enum lockrank rank);
/* For those that are there from the beginning. */
#ifdef GARN_CHECK
#define LOCKINIT(r) { .rank = (r) }
#else
#define LOCKINIT(r) { .key = 0 }
#endif
void lock_slow(struct lock *l);
#ifdef GARN_CHECK
void lock_check(struct lock *l);
void unlock_check(struct lock *l);
#else
static inline void lock_check(struct lock *l) { (void)l; }
static inline void unlock_check(struct lock *l) { (void)l; }
#endif

/* Runs on g, g0 or a foreign thread; never parks. */
static inline void lock(struct lock *l)
{
	hard_point();
	if (unlikely(!cas_acq(&l->key, 0, 1))) // acq[LK]: sees what the last holder wrote
		lock_slow(l);
	lock_check(l);
}

/* One plain store. A mark (2) that falls between the look and the store is lost, so a sleeper looks again by
 * itself after a moment; and after the store the lock is not touched again, as its object may be freed then. */
static inline void unlock(struct lock *l)
{
	unlock_check(l);
	uint32_t marked = load_rlx(&l->key);
	store_rel(&l->key, 0); // rel[LK]: publishes what was written under the lock
	if (unlikely(marked == 2))
		os_futexwake(&l->key, 1);
	hard_point();
}

static inline bool trylock(struct lock *l)
{
	if (!cas_acq(&l->key, 0, 1)) // acq[LK]
		return false;
	lock_check(l);
	return true;
}

#endif
