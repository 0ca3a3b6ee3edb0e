/* garn_mutex: one word, one locked instruction to lock, none to unlock.
 *
 *   word: LOCKED, WAITERS (somebody is queued under this address in the sema table)
 *
 * Lock is a compare-and-swap 0 -> LOCKED. Unlock reads the word and, if it is just LOCKED, stores 0. A waiter that
 * sets WAITERS between that look and that store would be forgotten, so waiters pay:
 *
 *   unlocker                                waiter (holds the root's lock)
 *   m->hazard = mutex                       word: LOCKED -> LOCKED|WAITERS
 *   asym_light                              asym_heavy
 *   look at word; it is LOCKED              look at every M's hazard; while one is this mutex, wait
 *   store 0                                 look at word again: gone? start over
 *   m->hazard = null                        else queue up and park
 *
 * An unlocker whose hazard the waiter does not see looks at the word after the waiter's mark (tag MX). After its store
 * the unlocker does not touch the mutex again: the next owner may free it.
 *
 * 1. WAITERS is set and cleared under the root's lock only; set means: the queue is not empty, or the setter still holds the lock.
 * 2. While LOCKED is set and the root's lock is held by the owner, nobody else changes the word.
 * 3. Barging is allowed, as in Go: a woken waiter competes, and goes back to the front of the queue if it loses. A waiter that has
 *    waited 1 ms gets the mutex handed over, still locked: nobody can barge.
 *
 * Go: a locked instruction each way, and a starving bit in the word. Rejected: waiters that sleep with a timeout. */

#include "core/throw.h"
#include "garn.h"
#include "os/os.h"
#include "sched/sched.h"
#include "sync/sema.h"
#undef errno

enum { LOCKED = 1, WAITERS = 2 };
static const int64_t STARVING = 1000000;

_Static_assert(sizeof(garn_mutex) == sizeof(uint32_t), "the word");

static inline uint32_t *word(garn_mutex *m)
{
	return m->garn_opaque;
}

bool garn_mutex_trylock(garn_mutex *m)
{
	uint32_t v = load_rlx(word(m));
	return !(v & LOCKED) && cas_acq(word(m), v, v | LOCKED); // acq[ML]
}

/* Nobody is between the look and the store of an unlock of m. */
static void waithazards(garn_mutex *m)
{
	asym_heavy(); // sc[MX]: the mark is seen by every later look
	for (struct m *mp = load_acq(&sched.allm); mp; mp = mp->alllink) // acq[AM]
		for (int i = 0; load_acq(&mp->hazard) == m; i++) // acq[MH]
			if (i > 100)
				os_yield();
			else
				cpu_relax();
}

/* Set WAITERS for good, with the root's lock held. False: the mutex was taken instead. */
static bool markwaiting(garn_mutex *m)
{
	for (;;) {
		uint32_t v = load_rlx(word(m));
		if (!(v & LOCKED)) {
			if (cas_acq(word(m), v, v | LOCKED)) // acq[ML]
				return false;
			continue;
		}
		if (v & WAITERS)
			return true; /* whoever set it has waited for the hazards */
		if (!cas_acqrel(word(m), v, v | WAITERS)) // sc[MX]
			continue;
		waithazards(m);
		if (load_rlx(word(m)) & WAITERS)
			return true;
	}
}

static noinline void lockslow(garn_mutex *m)
{
	for (int i = 0; canspin(i); i++) {
		for (int j = 0; j < 30; j++)
			cpu_relax();
		if (garn_mutex_trylock(m))
			return;
	}
	struct semaroot *root = semaroot(m);
	int64_t since = 0;
	mustgetg();
	for (;;) {
		lock(&root->lock);
		if (!markwaiting(m)) {
			unlock(&root->lock);
			return;
		}
		bool again = since != 0;
		if (!again)
			since = os_nanotime();
		if (sema_park(root, m, 0, since, again, WAIT_MUTEX))
			return; /* handed over */
		if (garn_mutex_trylock(m))
			return;
	}
}

void garn_mutex_lock(garn_mutex *m)
{
	if (unlikely(!cas_acq(word(m), 0, LOCKED))) // acq[ML]
		lockslow(m);
}

static noinline void unlockslow(garn_mutex *m)
{
	struct semaroot *root = semaroot(m);
	bool more;
	lock(&root->lock);
	struct sudog *sg = sema_dequeue(root, m, &more);
	bool handover = sg && os_nanotime() - sg->acquiretime > STARVING;
	uint32_t v = (more ? WAITERS : 0) | (handover ? LOCKED : 0);
	if (sg)
		sg->success = handover;
	store_rel(word(m), v); // rel[ML]
	unlock(&root->lock);
	if (sg)
		goready(sg->g);
}

void garn_mutex_unlock(garn_mutex *m)
{
	struct m *mp = mustgetg()->m;
	store_rlx(&mp->hazard, m); // sc[MX]
	asym_light();              // sc[MX]: announced before the look
	uint32_t v = load_rlx(word(m));
	if (likely(v == LOCKED)) {
		store_rel(word(m), 0);      // rel[ML]: publishes what was written under the mutex
		store_rel(&mp->hazard, NULL); // rel[MH]: the store above is done
		return;
	}
	store_rel(&mp->hazard, NULL); // rel[MH]
	if (!(v & LOCKED))
		fatal("sync: unlock of unlocked mutex");
	unlockslow(m);
}
