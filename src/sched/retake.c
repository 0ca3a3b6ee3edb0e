/* Nothing blocks the processor: sysmon takes a P from a goroutine that runs too long, or sleeps in the kernel.
 *
 * The goroutine goes on, on its thread, without a P; no signal is sent and it never changes its thread. At its next call
 * of ours it waits for a P, as a goroutine tied to its thread does (lockos.c), and others run meanwhile.
 *
 *   m.inrt  m.mark  m.p     the M
 *   0       0       P       runs code of the user's, with a P
 *   > 0     0       P       is in the scheduler, on whatever stack: the P is its own
 *   0       1       P       has used up its slice, or is being retaken: decided under the lock
 *   > 0     1       P       the same, and was not retaken: gives the P up at its next callpoint
 *   any     1       null    was retaken: has none until acquirep
 *   > 0     any     null    has none and knows it: sleeps, or does without (the global queue, the central caches)
 *
 *   goroutine (penter)               sysmon (retake, holds the lock)
 *   inrt = 1                         mark = 1
 *   asym_light (free)                asym_heavy (membarrier)
 *   look at mark; if set, wait for   look at inrt, then at mark: if 0 and 1,
 *   the lock; then look at p         take the P
 *
 * 1. One of them sees the other. If the goroutine sees no mark, sysmon sees inrt and leaves the P. If sysmon sees inrt 0, the
 *    goroutine will see the mark, and passes the lock before it looks at p: it knows whether it has lost its P. The second look at
 *    mark is for an M that was inside and cleared it on its way out, between sysmon's store and its look at inrt: it would see none.
 * 2. Only the M itself writes m.p while inrt > 0, only retake while it is 0. All of the scheduler runs with inrt > 0: from
 *    penter on the g's stack, over the park, to execute, which sets it to 0 as its last act before the jump.
 * 3. m.mark is set whenever m.p is null and a goroutine runs: so its next callpoint finds out. acquirep clears it.
 * 4. penter never waits, as its caller may hold locks; callpoint and penter_wait may, as theirs may not. A goroutine that waits
 *    is in the global queue, behind what is there, or a P was idle and it took that.
 *
 * Threads that compute without a P (hogs) are bounded by sched.maxhogs, GARN_MAXHOGS: past that a P is only taken from who
 * sleeps. Who was asleep when his P was taken, and computes afterwards without a call of ours, is not counted.
 *
 * Where membarrier is missing asym_light is a full fence: a few nanoseconds a call.
 *
 * Go: a signal (SIGURG) stops the goroutine wherever it is, so that its C users see EINTR; or the P is left at the entry of
 * a system call, which only works for calls that are announced. */

#include "sched/retake.h"
#include "garn.h"
#include "sched/proc.h"
#undef errno

static struct lock deciding = LOCKINIT(RANK_LEAF);

/* Sysmon has marked this M: wait until it is decided. Or the light side of the fence has a price here. */
noinline void penter_slow(struct m *mp)
{
	asym_light(); // sc[RT]
	if (load_acq(&mp->mark) == 0) // acq[RT]
		return;
	lock(&deciding);
	unlock(&deciding);
}

static struct m *strays; /* deciding: Ms that run code of the user's without a P */

/* mp has no P from here on, and runs. Holds deciding. */
static void stray(struct m *mp, enum stray how)
{
	store_rlx(&mp->stray, how);
	mp->nextstray = strays;
	mp->atstray = &strays;
	if (strays)
		strays->atstray = &mp->nextstray;
	strays = mp;
	store_rlx(&sched.nstray, sched.nstray + 1);
	if (how == STRAY_HOG)
		store_rlx(&sched.nhogs, sched.nhogs + 1);
}

void notstray(struct m *mp)
{
	if (likely(load_rlx(&mp->stray) == STRAY_NOT))
		return;
	lock(&deciding);
	*mp->atstray = mp->nextstray;
	if (mp->nextstray)
		mp->nextstray->atstray = mp->atstray;
	store_rlx(&sched.nstray, sched.nstray - 1);
	if (mp->stray == STRAY_HOG)
		store_rlx(&sched.nhogs, sched.nhogs - 1);
	store_rlx(&mp->stray, STRAY_NOT);
	unlock(&deciding);
}

enum { HOGS = 32 };
struct hog {
	struct m *m;
	int tid;
};

/* Some hogs that were not looked at since `now`. */
static uint32_t somehogs(struct hog *at, int64_t now)
{
	uint32_t n = 0;
	lock(&deciding);
	for (struct m *mp = strays; mp && n < HOGS; mp = mp->nextstray)
		if (mp->stray == STRAY_HOG && mp->straylook.when != now)
			at[n++] = (struct hog){ mp, mp->tid };
	unlock(&deciding);
	return n;
}

/* It sleeps, if it still is one, or is one again: that is as good as waking up right after the question. */
static void hogsleeps(struct hog h)
{
	lock(&deciding);
	if (h.m->stray == STRAY_HOG && h.m->tid == h.tid) {
		store_rlx(&h.m->stray, STRAY_ASLEEP);
		store_rlx(&sched.nhogs, sched.nhogs - 1);
	}
	unlock(&deciding);
}

/* The kernel and the helper are asked without the lock, which others spin for. */
void recounthogs(int64_t now)
{
	static int64_t looked;
	struct hog some[HOGS];
	if (load_rlx(&sched.nhogs) < sched.maxhogs || now - looked < 10000000)
		return;
	looked = now;
	for (uint32_t n; (n = somehogs(some, now)) > 0;)
		for (uint32_t i = 0; i < n; i++)
			if (!computes(some[i].tid, &some[i].m->straylook, now) && asleep(some[i].tid))
				hogsleeps(some[i]);
}

void limitbegin(struct m *mp)
{
	store_rlx(&mp->limit, arch_limit());
}

/* The control block goes with the thread, or to the C library's next one. */
void limitend(struct m *mp)
{
	lock(&deciding);
	store_rlx(mp->limit, 0);
	store_rlx(&mp->limit, NULL);
	unlock(&deciding);
}

/* The next function compiled with -fsplit-stack that the M enters comes to newstack, and sees the mark. Holds deciding: so the word is there;
 * if mp's thread runs another goroutine by now, or is another, that one comes for nothing. */
static void poison(struct m *mp)
{
	uintptr_t *limit = load_rlx(&mp->limit);
	if (limit)
		store_rel(limit, STACK_POISON); // sc[SL]: mark said before; a full fence is not needed, as newstack takes the word by exchange
}

bool retake(struct p *pp, enum stray how)
{
	struct m *mp = load_rlx(&pp->m);
	if (!mp)
		return false;
	lock(&deciding);
	store_rlx(&mp->mark, 1); // sc[RT]
	if (how == STRAY_HOG && sched.nhogs >= sched.maxhogs) {
		poison(mp);
		unlock(&deciding);
		return false;
	}
	asym_heavy();            // sc[RT]: said before the look
	bool took = load_acq(&mp->inrt) == 0 && // acq[RT]
	            load_acq(&mp->mark) != 0 && load_rlx(&mp->p) == pp; // acq[RT]
	if (took) {
		releasep(mp);
		stray(mp, how);
		store_rlx(&sched.nretakes, sched.nretakes + 1);
	}
	poison(mp);
	unlock(&deciding);
	if (took)
		handoffp(pp);
	return took;
}

#ifdef GARN_HARD
/* The own P is given away, as if sysmon had come just now. Where a runtime lock is held there may be no room for those of handoffp. */
void hard_retake(struct m *mp)
{
	struct g *gp = getg();
	struct p *pp = load_rlx(&mp->p);
	if (pp && gp && !gp->foreign && gp != mp->g0 && load_rlx(&mp->inrt) == 0 && mp->locks == 0)
		retake(pp, STRAY_HOG);
}
#endif

noinline void callpoint_slow(struct g *me, bool home)
{
	if (!me)
		return;
	struct m *mp = me->m;
	if (me->foreign || me == mp->g0)
		return;
	if (!penter(mp) && takep(mp, false)) {
		pleave(mp);
		return;
	}
	if (home && mp->p && load_rlx(&sched.nmidlelocked) > PREEMPTED_MOST) {
		store_rlx(&mp->mark, 0);
		pleave(mp);
		return;
	}
	gopreempt(me, home);
}

struct p *penter_again(struct g *me, struct p *pp)
{
	while (!pp) {
		pleave(me->m);
		callpoint_park(me);
		pp = penter(me->m);
	}
	store_rlx(&me->m->mark, 0);
	return pp;
}

void entersyscall(void)
{
	struct g *gp = getg();
	if (gp && !gp->foreign)
		store_rlx(&gp->m->insyscall, 1);
}

void entersyscallblock(void)
{
	struct g *gp = getg();
	if (!gp || gp->foreign)
		return;
	struct m *mp = gp->m;
	struct p *pp = penter(mp);
	if (pp) {
		lock(&deciding);
		releasep(mp);
		stray(mp, STRAY_ASLEEP);
		store_rlx(&mp->mark, 1);
		unlock(&deciding);
		handoffp(pp);
	}
	pleave(mp);
}

void exitsyscall(void)
{
	struct g *gp = getg();
	if (!gp || gp->foreign)
		return;
	store_rlx(&gp->m->insyscall, 0);
	callpoint(gp);
}
