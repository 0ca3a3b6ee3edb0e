/* garn_lock_os_thread: a g tied to its thread, and the thread to it.
 *
 * 1. gp->lockedm == mp if and only if mp->lockedg == gp.
 * 2. An M that dispatches a g tied to another M hands its P to that M and sleeps (startlockedm); an M whose own g is tied
 *    and not the one to run hands its P on and sleeps until its g is runnable again (stoplockedm). */

#include "garn.h"
#include "sched/proc.h"
#include "sched/retake.h"
#include "sched/san.h"
#undef errno

/* The goroutine that calls, be it on its thread's own stack (garn_on_thread_stack); null where none runs. */
static struct g *caller(void)
{
	struct g *gp = getg();
	if (!gp || gp->foreign)
		return NULL;
	return gp == gp->m->g0 ? gp->m->curg : gp;
}

void garn_lock_os_thread(void)
{
	struct g *gp = caller();
	if (!gp)
		return;
	gp->lockedcount++;
	gp->lockedm = gp->m;
	gp->m->lockedg = gp;
}

void garn_unlock_os_thread(void)
{
	struct g *gp = caller();
	if (!gp || gp->lockedcount == 0 || --gp->lockedcount > 0)
		return;
	gp->m->lockedg = NULL;
	gp->lockedm = NULL;
}

/* The M's tied g is not running: give the P away, sleep until startlockedm brings one. Runs on: g0. */
void stoplockedm(struct m *mp)
{
	if (mp->p)
		handoffp(releasep(mp));
	notstray(mp);
	lock(&sched.lock);
	sched.nmidlelocked++;
	checkdead();
	unlock(&sched.lock);
	mpark(mp);
}

/* gp was taken off its run queue and is tied to an M: that one gets pp, which is nobody's. Runs on: any. */
void runlocked(struct p *pp, struct g *gp)
{
	struct m *to = gp->lockedm;
	lock(&sched.lock);
	sched.nmidlelocked--;
	unlock(&sched.lock);
	to->nextp = pp;
	notewakeup(&to->park);
}

/* gp is to run on the M it is tied to: hand over our P and sleep. Runs on: g0. Returns with another P. */
void startlockedm(struct m *mp, struct g *gp)
{
	runlocked(releasep(mp), gp);
	stopm();
}

void garn_on_thread_stack(void (*fn)(void *), void *arg)
{
	garn_lock_os_thread();
	systemstack(fn, arg);
	callpoint(getg()); /* what sysmon wanted meanwhile fell on the other stack's limit */
	garn_unlock_os_thread();
}

void garn_stack_bounds(void **lo, void **hi)
{
	struct g *gp = getg();
	struct stack s;
	if (gp)
		s = gp->stack;
	if (!gp || !s.hi)
		os_stackbounds(&s.lo, &s.hi);
	*lo = (void *)s.lo;
	*hi = (void *)s.hi;
}

int garn_gomaxprocs(int n)
{
	if (n < 1)
		return load_rlx(&sched.gomaxprocs);
	lock(&sched.lock);
	int old = load_rlx(&sched.gomaxprocs);
	if (sched.started == 1)
		procresize(n > MAXPROCS ? MAXPROCS : n);
	unlock(&sched.lock);
	wakep();
	return old;
}
