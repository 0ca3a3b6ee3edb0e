/* Who may touch a P: the brackets around code that does, and the points where a goroutine waits for one. See retake.c. */
#ifndef SCHED_RETAKE_H
#define SCHED_RETAKE_H

#include "core/hard.h"
#include "core/runtime.h"
#include "os/os.h"

/* The slow halves. */
void penter_slow(struct m *mp);
void callpoint_slow(struct g *me, bool home);
struct p *penter_again(struct g *me, struct p *pp);
#ifdef GARN_HARD
void hard_retake(struct m *mp);
#endif

/* From here to pleave (or to the dispatch that a park ends in) sysmon leaves the P with mp. What comes back is the P,
 * or null: sysmon was faster, or it is a thread that has none. Brackets may nest.
 * Runs on: any, for its own m. Holds: anything but the retake lock. Never parks. */
static inline struct p *penter(struct m *mp)
{
	store_rlx(&mp->inrt, load_rlx(&mp->inrt) + 1); // sc[RT]: and asym_light, said before the look
	fence_compiler();
	if (unlikely((load_acq(&mp->mark) | asym_slow) != 0)) // acq[RT]: before the look at p
		penter_slow(mp);
	return load_rlx(&mp->p);
}

/* The same for a g that is about to park: its slice is over anyway, and the next one's begins. */
static inline void penter_park(struct m *mp)
{
	if (penter(mp) && unlikely(load_rlx(&mp->mark) != 0))
		store_rlx(&mp->mark, 0);
}

/* Runs on: any. Never parks. */
static inline void pleave(struct m *mp)
{
	store_rel(&mp->inrt, load_rlx(&mp->inrt) - 1); // rel[RT]: what was done to the P's things is seen by who has it next
#ifdef GARN_HARD
	if (hard_dice(64))
		hard_retake(mp);
#endif
}

/* The g that runs may wait here for a P, on its own thread, when it has used up its slice or lost its P. errno is
 * kept. Runs on: g (elsewhere it does nothing). Holds: no runtime lock. */
static inline void callpoint(struct g *me)
{
	if (unlikely(me && load_rlx(&me->m->mark) != 0) || hard_dice(64))
		callpoint_slow(me, true);
}

/* The same in a call that may park: the g may come back on another thread. Runs on: g. Holds: no runtime lock. */
static inline void callpoint_park(struct g *me)
{
	if (unlikely(me && load_rlx(&me->m->mark) != 0) || hard_dice(64))
		callpoint_slow(me, false);
}

/* As penter, but certain: waits until there is a P, and may come back on another thread; for who gives up the slice anyway.
 * Runs on: g. Holds: no runtime lock. */
static inline struct p *penter_wait(struct g *me)
{
	struct p *pp = penter(me->m);
	return likely(pp && load_rlx(&me->m->mark) == 0) ? pp : penter_again(me, pp);
}

/* Sysmon's side: take pp from the M that runs code of the user's with it, and give it to another. False when the M is in the
 * scheduler just now, or computes and enough do so without a P; its goroutine will give pp up at its next call of ours.
 * Runs on: any thread. */
bool retake(struct p *pp, enum stray how);

/* As many compute without a P as may: those who have gone to sleep since then do not count. Runs on: sysmon. */
void recounthogs(int64_t now);

/* The calling thread begins to run goroutines, or stops: its limit word may be poisoned. Runs on: g0. Holds: nothing. */
void limitbegin(struct m *mp);
void limitend(struct m *mp);

/* mp has a P again, or sleeps. Runs on: g0, g inside penter. */
void notstray(struct m *mp);

/* The g is about to block in the kernel: sysmon need not find out by itself. In between nothing of garn may be called.
 * entersyscallblock: and for long, so the P is given away at once. Runs on: g; elsewhere nothing. */
void entersyscall(void);
void entersyscallblock(void);
void exitsyscall(void);

#endif
