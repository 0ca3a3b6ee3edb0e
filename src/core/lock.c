/* The slow way into a lock, and the checks of ranks.
 *
 *   1. Only the holder writes 0, and with a plain store. So a mark (1 -> 2) set between its look and its store is
 *      lost, and every sleep here ends by itself: a lost mark costs at most a millisecond, never for ever.
 *   2. Who has slept takes the lock as 2: others may sleep still, and one wake-up wakes one.
 *   3. The holder writes nothing but 0 after the section, and nobody writes 0 but the holder: a waiter touches
 *      the word only while he waits, and so the lock may live in what its last holder frees.
 *
 * Waiting starts with staying away: two CPUs that hammer one lock move its line and the data's to and fro at every
 * operation, unless the loser lets the winner do several on warm lines. So the looks grow rarer, from a tenth of a
 * microsecond to one; then the thread gives the CPU away; then it marks the lock, looks some more, and sleeps.
 *
 * The mark also gets a turn from a thread that locks and unlocks all the time: between its unlock and its next lock
 * there is no moment to get in, but with a mark there is the call of futexwake, even while nobody sleeps, which is long
 * enough for one who looks just then. Against a hog with sections of 100 ns, nine turns in ten came within 120 us
 * without these looks and 25 us with them.
 *
 * Tried and rejected: an exchange in unlock, as in Go, which loses no mark and costs the uncontended case twice as
 * much; a queue of waiters, which makes a short section wait for a thread that the kernel has put aside. */
#include "core/lock.h"
#include "core/throw.h"

enum {
	LOOK_FIRST = 100,      /* ns between looks, doubled each time */
	LOOK_MOST = 800,
	SPIN = 4000,           /* ns of that in all */
	YIELDS = 2,
	LOOKS = 16,            /* of who has marked the lock, half of LOOK_FIRST apart */
	SLEEP_FIRST = 100000,
	SLEEP_MOST = 1000000,
};

/* A: pauses that take LOOK_FIRST, once known; 0 before. One CPU: more than fit, as nothing changes while we spin. */
static uint32_t pauses;
enum { NOSPIN = UINT16_MAX };

/* A pause takes from 4 to 140 cycles, by the make of the CPU: measure it once. */
static noinline uint32_t measure(void)
{
	enum { TRIES = 32 };
	uint32_t n = NOSPIN;
	if (os_ncpu() > 1) {
		int64_t t = os_nanotime();
		for (int i = 0; i < TRIES; i++)
			cpu_relax();
		t = os_nanotime() - t;
		n = (uint32_t)((int64_t)LOOK_FIRST * TRIES / (t > 0 ? t : 1));
		/* An interrupt in between, or a clock of another mind: keep to what CPUs can do. */
		n = n < 2 ? 2 : n > 64 ? 64 : n;
	}
	store_rlx(&pauses, n);
	return n;
}

static inline bool take(struct lock *l, uint32_t as)
{
	return load_rlx(&l->key) == 0 && cas_acq(&l->key, 0, as); // acq[LK]
}

static bool spin(struct lock *l)
{
	uint32_t unit = load_rlx(&pauses);
	if (unlikely(unit == 0))
		unit = measure();
	if (unit == NOSPIN)
		return false;
	for (int look = LOOK_FIRST, spent = 0; spent < SPIN; spent += look) {
		for (uint32_t i = 0; i < unit * (uint32_t)look / LOOK_FIRST; i++)
			cpu_relax();
		if (take(l, 1))
			return true;
		if (look < LOOK_MOST)
			look *= 2;
	}
	return false;
}

/* Mark the lock and look whether it gets free. False: it is marked, sleep. */
static bool marked_spin(struct lock *l)
{
	uint32_t unit = load_rlx(&pauses);
	int looks = unit == NOSPIN ? 1 : LOOKS;
	for (int i = 0; i < looks;) {
		if (take(l, 2))
			return true;
		uint32_t key = load_rlx(&l->key);
		if (key == 0 || (key == 1 && !cas_rlx(&l->key, 1, 2)))
			continue; /* changed under our eyes: it moves, so it may be free */
		if (++i < looks)
			for (uint32_t n = unit / 2; n > 0; n--)
				cpu_relax();
	}
	return false;
}

/* Take a lock that is held. Runs on: any. Holds: lower ranks. Never parks: it blocks the thread. In a forked child it was held
 * by a thread that is not there. */
void lock_slow(struct lock *l)
{
	if (unlikely(load_rlx(&sched.started) == 3))
		fatal("garn: in a forked child: only exec and _exit may be called there");
#ifdef GARN_CHECK
	struct g *gp = getg();
	if (gp != NULL && gp->m != NULL && load_rlx(&l->owner) == gp->m)
		throw("lock: taken twice by one thread");
#endif
	if (spin(l))
		return;
	for (int i = 0; i < YIELDS; i++) {
		os_yield();
		if (take(l, 1))
			return;
	}
	for (int64_t ns = SLEEP_FIRST; !marked_spin(l);) {
		os_futexsleep(&l->key, 2, ns);
		if (ns < SLEEP_MOST)
			ns *= 2;
	}
}

/* Out of TSan's sight, as are those that publish some of the objects with locks in them (sched/p.c).
 * Runs on: any, before others know the lock. Never parks. */
g0func void lockinit(struct lock *l, enum lockrank rank)
{
	l->key = 0;
#ifdef GARN_CHECK
	l->rank = rank;
	l->owner = NULL;
#else
	(void)rank;
#endif
}

#ifdef GARN_CHECK
/* The checks are g0func: what they keep in an M is out of TSan's sight, which knows fibers, not Ms.
 * m.heldranks has a bit for each rank held but the channels': theirs is the lowest, so that holding some forbids nothing. */
_Static_assert(RANK_CHAN == 1, "nothing ranks below the channels");

g0func static struct m *self(void)
{
	struct g *gp = getg();
	return gp != NULL ? gp->m : NULL;
}

/* Just taken: were all others lower? Runs on: any. Holds: l. Never parks. */
g0func void lock_check(struct lock *l)
{
	struct m *mp = self();
	store_rlx(&l->owner, mp);
	if (mp == NULL)
		return;
	mp->locks++;
	if (l->rank == RANK_NONE)
		return;
	if (mp->heldranks >> l->rank != 0)
		throw("lock: taken out of order");
	if (l->rank != RANK_CHAN)
		mp->heldranks |= 1u << l->rank;
}

/* About to be given up: is it ours? Runs on: any. Holds: l. Never parks. */
g0func void unlock_check(struct lock *l)
{
	struct m *mp = self();
	if (load_rlx(&l->key) == 0)
		throw("unlock: not locked");
	if (load_rlx(&l->owner) != mp)
		throw("unlock: locked by another thread");
	store_rlx(&l->owner, NULL);
	if (mp == NULL)
		return;
	if (mp->locks-- == 0)
		throw("unlock: count below zero");
	mp->heldranks &= ~(1u << l->rank);
}
#endif
