/* garn_mutex: one word, one locked instruction to lock, none to unlock. Where nobody waits both are in garn.h, inline.
 *
 * The word is 0 or LOCKED. That somebody waits is not said in the mutex but in a table by its root (garn_mutex_waiters_), which is
 * always there: so the unlocker may look for waiters after it has let go, when the mutex itself may be gone, freed by its
 * next owner. Unlock stores and then looks; a waiter says so and then looks; one of them sees the other (tag MX):
 *
 *   unlocker                                waiter (holds the root's lock)
 *   word = 0                                waiters++
 *   asym_light (free)                       asym_heavy (only when waiters was 0)
 *   look at waiters                         try to lock; else queue up and park
 *
 * Waiters pay for the fence, not owners. Where the kernel has no membarrier the table says from the beginning that somebody waits
 * (ALWAYS), so that every unlock comes here, and the light fence is a full one. Other mutexes of the same root share the count: their
 * unlocks then take the slow path and find nobody, which costs time and nothing else.
 *
 * 1. waiters counts those in the root's queues, and one who holds the root's lock and is about to join.
 * 2. Barging is allowed, as in Go: a woken waiter competes, and goes back to the front of its queue if it loses. A waiter that has
 *    waited 1 ms gets the mutex handed over still locked, and nobody can barge: an unlocker looks at waiters before it lets go, too.
 * 3. After it let go the unlocker uses the address only as a key, or while it holds the root's lock and has found a waiter, who
 *    keeps the mutex alive.
 *
 * Go: a locked instruction each way, waiters and a starving bit in the word. Rejected: the same here, twice as slow;
 * a look at the word before the store, with every M's present mutex published for waiters to scan: two more stores. */

#include "core/throw.h"
#include "garn.h"
#include "os/os.h"
#include "sched/sched.h"
#include "sync/sema.h"
#undef errno

#undef garn_mutex_lock
#undef garn_mutex_unlock

enum { LOCKED = 1 };
#define ALWAYS ((uint32_t)1 << 31)
uint32_t garn_mutex_waiters_[SEMAROOTS]; // A[MX]: by root; written under its lock
static const int64_t STARVING = 1000000;

static inline uint32_t *word(garn_mutex *m)
{
	return m->garn_opaque;
}

bool garn_mutex_trylock(garn_mutex *m)
{
	return load_rlx(word(m)) == 0 && cas_acq(word(m), 0, LOCKED); // acq[ML]
}

void mutexinit(void)
{
	for (int i = 0; asym_slow && i < SEMAROOTS; i++)
		or_acqrel(&garn_mutex_waiters_[i], ALWAYS);
}

static inline uint32_t *waiters(struct semaroot *root)
{
	return &garn_mutex_waiters_[root - semaroots];
}

static inline uint32_t nwaiters(struct semaroot *root)
{
	return load_rlx(waiters(root)) & ~ALWAYS;
}

static void addwaiter(struct semaroot *root, int n)
{
	store_rlx(waiters(root), *waiters(root) + (uint32_t)n); // sc[MX]
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
		addwaiter(root, 1);
		if (nwaiters(root) == 1)
			asym_heavy(); // sc[MX]: said before the look
		if (garn_mutex_trylock(m)) {
			addwaiter(root, -1);
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

/* Here, too, for who calls it by its name, or found it locked. */
void garn_mutex_lock(garn_mutex *m)
{
	hard_yield();
	if (unlikely(!cas_acq(word(m), 0, LOCKED))) // acq[ML]
		lockslow(m);
}

/* Wake the first waiter of m, if there is one. held: we still own m; else it was let go, and somebody may have taken it. */
static noinline void unlockslow(garn_mutex *m, bool held)
{
	struct semaroot *root = semaroot(m);
	struct sudog *sg;
	bool more;
	mustgetg();
	lock(&root->lock);
	sg = sema_dequeue(root, m, &more);
	if (sg) {
		addwaiter(root, -1);
		sg->success = held && os_nanotime() - sg->acquiretime > STARVING;
	}
	if (held && !(sg && sg->success))
		store_rel(word(m), 0); // rel[ML]
	unlock(&root->lock);
	if (sg)
		goready(sg->g);
}

void garn_mutex_unlock(garn_mutex *m)
{
	struct semaroot *root = semaroot(m);
	if (unlikely(load_rlx(word(m)) != LOCKED))
		fatal("sync: unlock of unlocked mutex");
	if (unlikely(nwaiters(root) != 0)) {
		unlockslow(m, true);
		return;
	}
	store_rel(word(m), 0); // rel[ML]: publishes what was written under the mutex
	asym_light();          // sc[MX]: let go before the look
	if (unlikely(nwaiters(root) != 0))
		unlockslow(m, false);
}

void garn_mutex_wake_(garn_mutex *m)
{
	unlockslow(m, false);
}
