/* Dispatch: park, ready, schedule, execute, and the end of a goroutine.
 *
 * The life of a switch: a g calls gopark, which calls mcall(park_m); on g0 park_m marks it waiting and runs unlockf;
 * schedule picks the next g, execute marks it running, gogo returns into it. Each ends in a call of the next, which the
 * compiler makes a jump: then the CPU's stack of return addresses is as deep at gogo as it was at mcall, and its guess is right
 * whenever both gs parked at the same place.
 *
 * 1. A g is marked waiting, and its context saved, before unlockf lets anybody find it. So goready may come at once, from
 *    any thread, while this M is still on its way from unlockf to schedule: it touches gp no more.
 * 2. goready is called once for each park, by the one who took the g off its wait queue (or won g.selectdone).
 * 3. What the waker wrote before goready is seen by the g after gopark: through the run queue (RQ1, RQ3, sched.lock).
 * 4. errno belongs to a thread; a g takes it along over a park, in its own frame. */

#include "sched/proc.h"
#include "garn.h"
#include "sched/retake.h"
#include "sched/san.h"
#include "sched/scan.h"
#include "sched/start.h"
#include "stack/pack.h"
#undef errno

enum { SLICE_SPILLS = 16 };

struct cxxglobals {
	void *caught;
	unsigned uncaught;
};
/* C++'s exceptions in flight belong to the thread; a g parked inside a catch takes them along. Absent in C programs. */
__attribute__((weak)) struct cxxglobals *__cxa_get_globals(void);

/* Leave the g's stack for fn on g0, until somebody runs the g again. */
static inline void switchout(struct g *gp, void (*fn)(struct g *))
{
	san_leave(gp, gp->m->g0, false);
	mcall(fn);
	san_arrive(gp);
	san_acquire(gp);
}

static noinline void switchout_cxx(struct g *gp, void (*fn)(struct g *))
{
	struct cxxglobals *gl = __cxa_get_globals();
	struct cxxglobals mine = *gl;
	*gl = (struct cxxglobals){ 0 };
	switchout(gp, fn);
	*__cxa_get_globals() = mine;
}

/* The same, with what belongs to the thread and must follow the g. Inside penter, and execute is the pleave. */
static inline void park(struct g *gp, void (*fn)(struct g *))
{
	int e = *gp->m->errnop;
	if (unlikely(__cxa_get_globals != NULL))
		switchout_cxx(gp, fn);
	else
		switchout(gp, fn);
	*getg()->m->errnop = e;
}

/* The ring is full. Who fills it time and again without a park makes work faster than it is done, and has had his slice
 * when what waits is about to leave the caches. */
static noinline void overflow(struct p *pp, struct gqueue *spill)
{
	if (pp->spilltick != pp->dispatches) {
		pp->spilltick = pp->dispatches;
		pp->nspills = 0;
	}
	if (++pp->nspills % SLICE_SPILLS == 0)
		store_rlx(&pp->m->mark, 1);
	lock(&sched.lock);
	globrunqputbatch(spill);
	unlock(&sched.lock);
}

void runqput_p(struct p *pp, struct g *gp, bool next)
{
	struct gqueue spill;
	if (hard_dice(4))
		next = !next;
	if (unlikely(runqput(&pp->runq, gp, next, &spill)))
		overflow(pp, &spill);
}

/* The first run of gp. */
g0func static noinline void executefirst(struct m *mp, struct g *gp)
{
	struct spawnframe *fr = startrun(mp, gp);
	san_leave(mp->g0, gp, false);
	store_rel(&mp->inrt, 0); // rel[RT]
	if (fr)
		gostart(gp, fr);
	else
		gostart_regs(gp, &gp->call);
}

/* It goes on. */
g0func static inline void resume(struct m *mp, struct g *gp)
{
	san_leave(mp->g0, gp, false);
	store_rel(&mp->inrt, 0); // rel[RT]
	gogo(gp);
}

/* Sysmon was at its stack. */
g0func static noinline void resumescanned(struct m *mp, struct g *gp)
{
	unscan(gp);
	resume(mp, gp);
}

g0func void execute(struct g *gp, bool inherit)
{
	struct m *mp = getg()->m;
	assert_rt(load_rlx(&mp->inrt) == 1 && (mp->p || load_rlx(&mp->mark)));
	mp->curg = gp;
	gp->m = mp;
	setgstatus(gp, Grunnable, Grunning);
	if (!inherit)
		store_rlx(&mp->p->schedtick, mp->p->schedtick + 1);
	fence_compiler(); // sc[SH]: marked running before the look at scan
	if (isunborn(gp))
		executefirst(mp, gp);
	else if (unlikely(load_rlx(&gp->scan) != SCAN_NONE))
		resumescanned(mp, gp);
	else
		resume(mp, gp);
}

g0func static inline void dropg(struct m *mp)
{
	mp->left |= !mp->curg->ended;
	mp->curg = NULL;
}

/* The next g without looking further than this P: the common case. */
g0func static inline struct g *picknext(struct p *pp, bool *inherit)
{
	uint32_t tick = pp->dispatches + 1;
	store_rlx(&pp->dispatches, tick);
	if (unlikely(tick % 61 == 0 || load_rlx(&pp->sliceover) || hard_dice(8)))
		return NULL;
	int64_t when = load_rlx(&pp->timers.minwhen);
	if (unlikely(when != 0 && (tick % 8 == 0 || when <= load_rlx(&sched.coarsenow))))
		return NULL;
	return runqget(&pp->runq, inherit);
}

/* The g for this M to run, gp unless that is null or tied to another M; it sleeps until there is one. */
g0func static noinline struct g *picked(struct m *mp, struct g *gp, bool *inherit)
{
	for (;; gp = NULL) {
		if (!gp)
			gp = findrunnable(mp, inherit);
		if (mp->spinning)
			mspinning_drop(mp);
		if (!gp->lockedm || gp->lockedm == mp)
			return gp;
		startlockedm(mp, gp); /* it gets our P; we come back with another */
	}
}

/* The g that just parked had lost its P. */
g0func static noinline struct p *needp(struct m *mp)
{
	if (!takep(mp, false))
		stopm();
	return mp->p;
}

g0func void schedule(void)
{
	struct m *mp = getg()->m;
	struct p *pp = mp->p;
	struct g *gp = NULL;
	mp->inherit = false; /* not a local: with its address about, the last call here would be no jump */
	if (unlikely(mp->lockedg != NULL)) {
		stoplockedm(mp);
		gp = mp->lockedg;
	} else {
		if (unlikely(!pp))
			pp = needp(mp);
		if (likely(pp->id < load_rlx(&sched.gomaxprocs)))
			gp = picknext(pp, &mp->inherit);
		if (unlikely(!gp || gp->lockedm))
			gp = picked(mp, gp, &mp->inherit);
	}
	execute(gp, mp->inherit);
}

/* What was to be done when gp is parked. */
g0func static inline bool commit(struct g *gp, bool (*unlockf)(struct g *, void *), void *arg)
{
	if (unlockf == parkunlock) /* its lock was released by the g (gopark) */
		return unlockf(gp, arg);
	void *errand = san_errand(gp);
	bool waits = unlockf(gp, arg);
	san_errandover(errand);
	return waits;
}

g0func static void park_m(struct g *gp)
{
	struct m *mp = gp->m;
	san_arrive(mp->g0);
	setgstatus(gp, Grunning, Gwaiting);
	dropg(mp);
	bool (*unlockf)(struct g *, void *) = mp->waitunlockf;
	if (unlockf) {
		mp->waitunlockf = NULL;
		if (unlikely(!commit(gp, unlockf, mp->waitlock))) {
			setgstatus(gp, Gwaiting, Grunnable);
			execute(gp, true);
			return; /* never; but so that this, too, is a jump */
		}
	}
	schedule();
}

/* What is wrong when a goroutine calls on its thread's own stack, which the scheduler would use for another. */
#define ON_THREAD_STACK "called in a function run by garn_on_thread_stack: return from that function first"

static noinline void parkong0(struct g *g0)
{
	if (!g0->m->curg)
		throw("a park on g0");
	fatal("garn: a call that has to wait, " ON_THREAD_STACK);
}

/* A thread without a goroutine waits as a thread. */
static void parkthread(struct g *gp, bool (*unlockf)(struct g *, void *), void *arg)
{
	if (load_acq(&sched.started) != 1) // acq[ST]
		fatal(load_rlx(&sched.started) ? "garn: waiting after garn_run has returned: nobody would ever wake this thread"
		                               : "garn: waiting before the runtime is up: build with `garn build`, or call garn_run first");
	setgstatus(gp, Grunning, Gwaiting);
	if (!unlockf || unlockf(gp, arg)) {
		threadparks();
		notesleep(&gp->m->park);
		noteclear(&gp->m->park);
	} else {
		setgstatus(gp, Gwaiting, Grunnable);
	}
	san_acquire(gp);
	setgstatus(gp, Grunnable, Grunning);
}

void gopark(bool (*unlockf)(struct g *, void *), void *arg, enum waitreason why)
{
	struct g *gp = getg();
	struct m *mp = gp->m;
	gp->waitreason = why;
	store_rlx(&gp->waitsince, load_rlx(&sched.coarsenow));
	if (arg)
		san_release(arg);
	if (unlikely(gp == mp->g0)) {
		if (!gp->foreign)
			parkong0(gp);
		parkthread(gp, unlockf, arg);
		return;
	}
	penter_park(mp);
	mp->waitunlockf = unlockf;
	mp->waitlock = arg;
	park(gp, park_m);
}

bool parkunlock(struct g *gp, void *l)
{
	(void)gp;
	unlock(l);
	return true;
}

/* Put gp, just made runnable, where it will be found. */
static inline void enqueue(struct g *gp, bool next)
{
	struct g *me = getg();
	if (likely(me != NULL)) {
		struct m *mp = me->m;
		struct p *pp = penter(mp);
		if (likely(pp != NULL)) {
			runqput_p(pp, gp, next);
			wakep_after_put(pp);
			pleave(mp);
			return;
		}
		pleave(mp);
	}
	lock(&sched.lock);
	globrunqput(gp, false);
	unlock(&sched.lock);
	wakep();
}

static noinline void wakethread(struct g *gp)
{
	add_sc(&sched.thrwakes, 1); // sc[DT]: before the waker may fall asleep
	notewakeup(&gp->m->park);
}

void goready(struct g *gp)
{
	san_release(gp);
	setgstatus(gp, Gwaiting, Grunnable);
	if (unlikely(gp->foreign)) {
		wakethread(gp);
		return;
	}
	enqueue(gp, !hard_dice(2));
}

/* Runs on: g0. */
void readylist(struct g *list)
{
	struct p *pp = getg()->m->p;
	uint32_t n = 0;
	while (list) {
		struct g *gp = list;
		list = gp->schedlink;
		san_release(gp);
		setgstatus(gp, Gwaiting, Grunnable);
		if (unlikely(gp->foreign)) {
			wakethread(gp);
			continue;
		}
		n++;
		if (pp) {
			runqput_p(pp, gp, false);
		} else {
			lock(&sched.lock);
			globrunqput(gp, false);
			unlock(&sched.lock);
		}
	}
	if (n > (pp ? 1 : 0)) /* the first is for the caller */
		wakep();
}

/* Not inlined: runqput_p has a local whose address is taken, with which the last call of yield_m would be no jump. */
static noinline void toback(struct p *pp, struct g *gp)
{
	runqput_p(pp, gp, false);
}

g0func static void yield_m(struct g *gp)
{
	struct m *mp = gp->m;
	san_arrive(mp->g0);
	setgstatus(gp, Grunning, Grunnable);
	dropg(mp);
	toback(mp->p, gp);
	schedule();
}

/* Nothing else to run here, and it is not the turn for a wider look: then a yield is nothing. */
static inline bool nobodyelse(struct p *pp)
{
	uint32_t tick = pp->dispatches + 1;
	if (load_rlx(&pp->runq.next) || load_rlx(&pp->runq.head) != load_rlx(&pp->runq.tail) ||
	    load_rlx(&sched.runqsize) != 0 || tick % 61 == 0 || hard_dice(2))
		return false;
	store_rlx(&pp->dispatches, tick);
	return pp->id < load_rlx(&sched.gomaxprocs);
}

void garn_yield(void)
{
	struct g *gp = getg();
	if (unlikely(!gp || gp == gp->m->g0)) {
		if (gp && !gp->foreign)
			fatal("garn_yield: " ON_THREAD_STACK);
		os_yield();
		return;
	}
	if (nobodyelse(penter_wait(gp)))
		pleave(gp->m);
	else
		park(gp, yield_m);
}

g0func static void preempt_m(struct g *gp)
{
	struct m *mp = gp->m;
	bool nop = !mp->p;
	san_arrive(mp->g0);
	setgstatus(gp, Grunning, Grunnable);
	dropg(mp);
	lock(&sched.lock);
	globrunqput(gp, true);
	unlock(&sched.lock);
	if (nop)
		wakep();
	schedule();
}

/* gp has used up its slice, or lost its P: the others get theirs before it goes on. It may hold locks of its thread, and has
 * not asked to wait: then it waits at home, on its thread. */
noinline void gopreempt(struct g *gp, bool home)
{
	if (home)
		garn_lock_os_thread();
	park(gp, preempt_m);
	if (home)
		garn_unlock_os_thread();
}

g0func static void goexit0(struct g *gp)
{
	struct m *mp = gp->m;
	struct p *pp = mp->p;
	san_arrive(mp->g0);
	san_death(gp);
	setgstatus(gp, Grunning, Gdead);
	mp->curg = NULL;
	if (gp->system)
		add_rlx(&sched.ngsys, -1);
	else
		store_rlx(&pp->ngs, pp->ngs - 1);
	bool tied = gp->lockedm != NULL;
	if (unlikely(gp->pack))
		packdisown(gp);
	gp->ended = false;
	gp->lockedm = NULL;
	gp->lockedcount = 0;
	mp->lockedg = NULL;
	gfput(pp, gp);
	if (unlikely(tied))
		mexit(mp); /* nobody else may inherit what the g did to its thread */
	schedule();
}

bool canspin(int rounds)
{
	struct g *gp = getg();
	if (rounds >= 4 || !gp || load_rlx(&sched.gomaxprocs) <= 1)
		return false;
	struct p *pp = load_rlx(&gp->m->p);
	return !pp || runqempty(&pp->runq);
}

bool othersready(void)
{
	struct g *gp = getg();
	struct p *pp = gp ? load_rlx(&gp->m->p) : NULL;
	return (pp && !runqempty(&pp->runq)) || load_rlx(&sched.runqsize) != 0;
}

struct timers *mytimers(void)
{
	struct g *gp = getg();
	struct p *pp = gp ? load_rlx(&gp->m->p) : NULL;
	if (!pp && !(pp = load_rlx(&sched.allp[0])))
		fatal("garn: a timer before the runtime is up: build with `garn build`, or call garn_run first");
	return &pp->timers;
}

#if SAN_ANY
/* Sanitizers want to hear of a new goroutine on its own stack. */
static void started(void)
{
	struct g *gp = getg();
	san_arrive(gp);
	san_acquire(gp);
	san_acquire((void *)gp->stack.lo);
}

__attribute__((constructor)) static void hearstarted(void)
{
	arch_up.started = started;
}
#endif

/* The end of a goroutine: from goexit, or from wherever in it garn_goexit was called. */
void goexit1(void)
{
	struct g *gp = getg();
	gp->ended = true;
	penter_wait(gp);
	san_release((void *)gp->stack.lo); /* who has the stack next comes after, and (san_leave) who has the descriptor */
	san_leave(gp, gp->m->g0, true);
	mcall(goexit0);
}

void garn_goexit(void)
{
	struct g *gp = getg();
	if (!gp || gp->foreign)
		fatal("garn_goexit: called on a thread that runs no goroutine");
	if (gp == gp->m->g0)
		fatal("garn_goexit: " ON_THREAD_STACK);
	if (unlikely(__cxa_get_globals != NULL)) /* from inside a catch: it must not be the next goroutine's */
		*__cxa_get_globals() = (struct cxxglobals){ 0 };
	goexit1();
	__builtin_unreachable();
}

#ifdef GARN_HARD
void hard_yield(void)
{
	struct g *gp = getg();
	if (gp && gp != gp->m->g0 && hard_dice(4)) {
		penter_wait(gp);
		park(gp, yield_m);
	}
}
#endif
