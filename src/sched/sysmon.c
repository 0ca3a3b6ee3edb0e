/* sysmon: a thread without a P that looks at all Ps from time to time.
 *
 * What it looks for:
 *   - a P with work waiting that did not move since the last look, or with several gs waiting and no reason to be quiet,
 *     while another P is idle: it wakes an M (m.c leaves some wake-ups to it);
 *   - timers that are due on a P that was retired, where nobody looks while the others have work: it has all Ps look (sched.orphans);
 *   - a slice of 10 ms used up by a pair that hands itself the P through runnext: schedtick stands still, so
 *     sliceover is set and the P's others get their turn;
 *   - a slice used up by one g, or a g whose thread sleeps in the kernel, while others wait and no P is idle: the P is
 *     taken from it (retake.c);
 *   - work left over when a thread was refused, and all Ps idle: it asks for an M again;
 *   - descriptors, when nobody has asked about them for 10 ms: all Ps are busy.
 *
 * And when all is idle but a deadlock could not be told for a thread that is not ours, it asks again, ever more rarely.
 *
 * And idle threads that nobody needs any more are let go; what bursts have left of stacks, descriptors and the like goes back to the kernel; and it prints how things stand, if GARN_DEBUG asks for that.
 *
 * Its rhythm: 50 us while wake-ups are being left to it, else doubling to 10 ms; asleep for good when every P is idle, until pidleget
 * wakes it. */

#include "core/slab.h"
#include "poll/poll.h"
#include "sched/proc.h"
#include "sched/retake.h"
#include "sched/san.h"
#include "sched/scan.h"
#include "stack/stack.h"
#include "timer/timer.h"

enum { FAST_US = 50, SLOW_US = 10000, IDLE_ROUNDS = 50, HARD_STRAYS = 32, PIECES = 32 };
static const int64_t SLICE = 10000000, NETPOLL = 10000000, LETGO = HARD ? 5000000 : 1000000000, SPELL = HARD ? 2000000 : 10000000;
static const int64_t DEADCHECK_FIRST = 50000000, DEADCHECK_MOST = 10000000000;

void wakesysmon(void)
{
	if (!load_rlx(&sched.sysmonwait))
		return;
	store_rlx(&sched.sysmonwait, 0);
	notewakeup(&sched.sysmonnote);
}

/* No P runs, retired ones included. Holds sched.lock. */
static bool allidle(void)
{
	if (sched.npidle != sched.gomaxprocs)
		return false;
	for (int32_t i = 0; i < sched.nallp; i++)
		if (load_rlx(&sched.allp[i]->status) == Prunning)
			return false;
	return true;
}

/* Nobody runs, but somebody should: a thread was refused (template.c). */
static bool leftover(void)
{
	return load_rlx(&sched.gomaxprocs) != 0 && (load_rlx(&sched.runqsize) != 0 || load_rlx(&sched.mrefused));
}

/* What bursts, or deep days, have left goes back to the kernel: n pieces at most. How many there were; *later: there will be more. */
static int scavenge(int n, bool *later)
{
	int done = 0;
	int64_t now = os_nanotime();
	while (done < n && (stackscavenge(now, later) || slabscavenge(now, later) || globrunqscavenge() || scan(now, later))) {
		now = os_nanotime();
		done++;
	}
	return done;
}

/* The same while nobody wants to run. The caches of Ps are left alone for a while: most often somebody does soon. */
static bool scavengeidle(int64_t now)
{
	static int64_t purged;
	bool later = now - purged < LETGO;
	if (!later) {
		purgeall();
		purged = now;
	}
	while (load_rlx(&sched.npidle) == load_rlx(&sched.gomaxprocs) && scavenge(PIECES, &later) == PIECES)
		;
	return later;
}

/* Nobody runs: sleep until somebody takes a P. Meanwhile ask now and then about a deadlock, if there is reason to. */
static bool deepsleep(void)
{
	static int64_t again = DEADCHECK_FIRST;
	int64_t now = os_nanotime();
	bool more = mletgo(now);
	more |= scavengeidle(now);
	lock(&sched.lock);
	bool idle = allidle() && !leftover();
	if (idle) {
		store_rlx(&sched.sysmonfast, 0);
		noteclear(&sched.sysmonnote);
		store_rlx(&sched.sysmonwait, 1);
	}
	unlock(&sched.lock);
	if (!idle)
		return false;
	bool ask = load_rlx(&sched.deadcheck);
	if (!ask)
		again = DEADCHECK_FIRST;
	int64_t most = ask ? again : more ? LETGO : -1;
	if (sched.traceevery && (most < 0 || most > sched.traceevery))
		most = sched.traceevery;
	if (notetsleep(&sched.sysmonnote, most))
		return true;
	lock(&sched.lock);
	store_rlx(&sched.sysmonwait, 0);
	if (ask) {
		again = again < DEADCHECK_MOST ? again * 2 : again;
		store_rlx(&sched.deadcheck, 0);
		checkdead();
	}
	unlock(&sched.lock);
	return true;
}

/* HARD builds take it at every look, unless so many threads are without one that they only keep each other from the CPUs. */
static bool hardtake(void)
{
	return HARD && load_rlx(&sched.nstray) < HARD_STRAYS;
}

/* The P's goroutine keeps it, and others want it: is it to be taken, and why? */
static enum stray hogs(struct p *pp, int64_t now)
{
	struct m *mp = load_rlx(&pp->m);
	if (!mp)
		return STRAY_NOT;
	if (load_rlx(&mp->insyscall))
		return STRAY_ASLEEP;
	bool over = now - pp->sm_when > SLICE || hardtake();
	int tid = load_rlx(&mp->tid);
	bool still = ++pp->sm_still >= 2;
	if (!computes(tid, &pp->sm_cpu, now) && (still || over) && asleep(tid))
		return STRAY_ASLEEP;
	if (over)
		recounthogs(now);
	return over ? STRAY_HOG : STRAY_NOT;
}

/* Does anything wait for this P that no idle one will see to? */
static bool wanted(struct p *pp, int64_t now)
{
	if (load_rlx(&sched.dying))
		return false; /* the trace is to show how things stood */
	if (load_rlx(&sched.npidle) != 0 && !(load_rlx(&sched.mrefused) && !load_rlx(&sched.midle)))
		return false; /* without a thread idle Ps are of no use, but who waits may have one of its own */
	int64_t when = timers_next(&pp->timers);
	return !runqempty(&pp->runq) || load_rlx(&sched.runqsize) != 0 || (when != 0 && when <= now) ||
	       load_rlx(&sched.orphans);
}

struct looked {
	bool wake, orphans, retook;
};

static void look(struct p *pp, int64_t now, struct looked *l)
{
	uint32_t tick = load_rlx(&pp->schedtick), disp = load_rlx(&pp->dispatches);
	enum stray how;
	if (load_rlx(&pp->status) != Prunning) {
		int64_t when = timers_next(&pp->timers);
		if (when != 0 && when <= now)
			l->orphans = true;
		return;
	}
	bool moved = disp != pp->sm_dispatches;
	if (!runqempty(&pp->runq) && (!moved || (runqlen(&pp->runq) > 1 && now > load_rlx(&sched.quietuntil))))
		l->wake = true;
	if (tick != pp->sm_schedtick || pp->sm_when == 0) {
		pp->sm_schedtick = tick;
		pp->sm_when = now;
	}
	pp->sm_dispatches = disp;
	if (moved) {
		pp->sm_still = 0;
		if (now - pp->sm_when > SLICE) {
			store_rlx(&pp->sliceover, 1);
			pp->sm_when = now;
		}
	}
	if ((!moved || hardtake()) && wanted(pp, now) && (how = hogs(pp, now)) != STRAY_NOT && retake(pp, how)) {
		l->retook = true;
		pp->sm_when = 0; /* who has it next has a slice of his own */
		pp->sm_still = 0;
	}
}

/* GARN_DEBUG=schedtrace: a line now and then, but not into anybody's last words. */
static void trace(int64_t now)
{
	static int64_t traced;
	if (now - traced < sched.traceevery || load_rlx(&sched.dying))
		return;
	traced = now;
	hooks.schedtrace();
}

/* One round. True when it is to look again soon. */
static bool lookaround(int64_t now)
{
	struct looked l = { false, false, false };
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) // acq[AP]
		look(load_rlx(&sched.allp[i]), now, &l);
	if (l.orphans)
		store_rlx(&sched.orphans, 1);
	if (load_rlx(&sched.mrefused) && load_rlx(&sched.npidle) == load_rlx(&sched.gomaxprocs)) {
		store_rlx(&sched.mrefused, 0);
		l.wake = true;
	}
	if (pollwanted() && !load_rlx(&sched.polling) && pollstale(now, NETPOLL))
		readylist(pollnow());
	if (l.wake || load_rlx(&sched.runqsize) != 0)
		wakep();
	return l.retook;
}

static void sysmon(void *arg)
{
	mhelper(arg);
	os_timerslack();
	uint32_t delay = FAST_US, idle = 0;
	int64_t letgo = 0, scavenged = 0;
	bool left = false;
	for (;;) {
		store_rlx(&sched.sysmonfast, delay <= 2 * FAST_US);
		os_usleep(delay);
		while (unlikely(load_rlx(&sched.started) == 2)) /* garn_run has returned */
			os_futexsleep(&sched.started, 2, -1);
		if (load_rlx(&sched.npidle) == load_rlx(&sched.gomaxprocs) && deepsleep()) {
			delay = FAST_US;
			idle = 0;
		}
		int64_t now = os_nanotime();
		store_rlx(&sched.coarsenow, now);
		if (now - letgo > LETGO) {
			letgo = now;
			mletgo(now);
			purgeall();
			left = true;
		}
		if (left && now - scavenged > SPELL) {
			bool later = false;
			left = scavenge(PIECES, &later) == PIECES;
			scavenged = now;
		}
		bool soon = lookaround(now);
		if (unlikely(sched.traceevery))
			trace(now);
		if (load_rlx(&sched.watch) || soon) {
			store_rlx(&sched.watch, 0);
			delay = FAST_US;
			idle = 0;
		} else if (++idle > IDLE_ROUNDS && delay < SLOW_US) {
			delay = delay * 2 < SLOW_US ? delay * 2 : SLOW_US;
		}
	}
}

void sysmoninit(void)
{
	static struct m sm;
	mhelperinit(&sm);
	int err = os_newthread(256 << 10, sysmon, &sm);
	if (err)
		fatal_os("cannot start a thread", err, "see " THREAD_LIMITS);
}
