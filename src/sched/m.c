/* Ms: threads. How they start, sleep, are woken and end.
 *
 * 1. An M owns at most one P, a P belongs to at most one M.
 * 2. nmspinning counts the Ms that are looking for work, or were just started to (startm with spinning: counted by the
 *    caller before). An M that finds work while spinning drops the count and wakes the next (mspinning_drop): wake-ups
 *    chain, they do not herd.
 * 3. An idle M sleeps on its note, in sched.midle. Whoever takes it off the list gives it a P in nextp first, or none: then it is to end.
 * 4. An M ends only if no goroutine that is alive has ever run on its thread, as that one may hold the address of one of
 *    the thread's variables. Simply: none has ever parked there (m.left), so all that began there have ended there.
 *
 * Where this leaves Go: a goroutine that is the only thing on its P's queue, in runnext, does not wake another M at once.
 * Most often the running g is about to wait for it, and the woken thread would find nothing, or tear the pair apart
 * (Go's profile of a ping-pong is mostly this). sysmon sees to it within 100 us or so if the g is still there; when sysmon is
 * not looking that often, the M is woken at once, which also makes sysmon look. The same goes for more gs than one while Ms
 * that were woken have gone back to sleep within microseconds (mstintover), for a millisecond at most. Work is never left for good: sysmon
 * ticks as long as any P runs. */

#include "poll/poll.h"
#include "sched/proc.h"
#include "sched/retake.h"
#include "sched/san.h"
#include "timer/timer.h"

static const int64_t STINT = 40000, QUIET_FIRST = 50000, QUIET_MOST = 1000000;

/* Of the Ms that have slept for so long all but a few are let go. */
#ifdef GARN_HARD
static const int64_t MIDLE_MOST = 50000000;
#else
static const int64_t MIDLE_MOST = 5000000000;
#endif
enum { IDLE_KEPT = 4 };

static int64_t mcount(void)
{
	return sched.mnext - sched.nmfreed;
}

void mcommoninit(struct m *mp)
{
	mp->g0 = &mp->g0s;
	mp->g0s.m = mp;
	mp->g0s.system = true;
	mp->fastrand = os_random();
	lock(&sched.lock);
	mp->locks = mp->heldranks = 0;
	mp->id = sched.mnext++;
	if (mp->extra)
		sched.nforeign++;
	else if (mcount() - sched.nforeign > sched.maxmcount)
		fatal("thread exhaustion: the program has 10000 threads, most of them probably waiting in the kernel");
	unlock(&sched.lock);
}

/* A thread that runs no goroutines, nor any code of the user's: sysmon, the template thread. */
void mhelper(struct m *mp)
{
	os_blocksignals();
	garn_g = mp->g0;
	mp->errnop = __errno_location();
	mp->tid = os_gettid();
	os_stackbounds(&mp->g0s.stack.lo, &mp->g0s.stack.hi);
}

/* The m of such a thread: not counted among those that may run something. */
void mhelperinit(struct m *mp)
{
	mp->sysm = true;
	mcommoninit(mp);
	lock(&sched.lock);
	sched.nmsys++;
	unlock(&sched.lock);
}

/* What every other thread of ours does first, and where mexit comes back to. Its frame stays as it is: g0 starts below. */
g0func void mstart(void *arg)
{
	struct m *mp = arg;
	void *end[5];
	os_stackbounds(&mp->g0s.stack.lo, &mp->g0s.stack.hi);
	mp->end = end;
	if (__builtin_setjmp(end) == 0)
		mstart1(mp);
}

g0func void mstart1(struct m *mp)
{
	garn_g = mp->g0;
	store_rlx(&mp->inrt, 1);
	mp->errnop = __errno_location();
	mp->tid = os_gettid();
	mp->thread = pthread_self();
	limitbegin(mp);
	san_threadstart(mp->g0);
	os_timerslack();
	if (hooks.sigaltinit)
		hooks.sigaltinit();
	mthreadkey(mp);
	vg_g0((uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)15);
	gosave(&mp->g0->sched);
	acquirep(mp, mp->nextp);
	mp->nextp = NULL;
	schedule();
}

/* Holds sched.lock. */
static void mput(struct m *mp)
{
	mp->schedlink = sched.midle;
	sched.midle = mp;
	sched.nmidle++;
	checkdead();
}

/* Holds sched.lock. */
static struct m *mget(void)
{
	struct m *mp = sched.midle;
	if (mp) {
		sched.midle = mp->schedlink;
		sched.nmidle--;
	}
	return mp;
}

static void mend(struct m *mp, bool first);

/* Sleep until somebody has put a P into nextp and woken us; the note is clear again before anybody can find us. */
void mpark(struct m *mp)
{
	notesleep(&mp->park);
	noteclear(&mp->park);
	if (unlikely(!mp->nextp))
		mend(mp, false);
	acquirep(mp, mp->nextp);
	mp->nextp = NULL;
}

/* Sleep until startm gives this M a P. Runs on: g0, without a P. */
void stopm(void)
{
	struct m *mp = getg()->m;
	assert_rt(!mp->p && !mp->spinning);
	notstray(mp);
	mp->idlesince = os_nanotime();
	lock(&sched.lock);
	mput(mp);
	unlock(&sched.lock);
	mpark(mp);
	mp->wokeat = os_nanotime();
}

/* The M is about to sleep. One that was woken and soon sleeps again had its work taken away, or took it from an M that would have
 * done it sooner: to wake it cost more than it brought. While that goes on, wake-ups wait longer and longer. */
void mstintover(struct m *mp)
{
	int64_t now = os_nanotime(), quiet = load_rlx(&sched.quiet);
	if (now - mp->wokeat > STINT)
		quiet /= 2;
	else
		quiet = quiet < QUIET_FIRST ? QUIET_FIRST : quiet < QUIET_MOST ? 2 * quiet : quiet;
	store_rlx(&sched.quiet, quiet);
	store_rlx(&sched.quietuntil, now + quiet);
}

/* Have some M run pp (null: any idle P, if there is one). With spinning the caller has counted it in nmspinning. */
void startm(struct p *pp, bool spinning)
{
	lock(&sched.lock);
	if (!pp && !(pp = pidleget())) {
		unlock(&sched.lock);
		if (spinning)
			add_sc(&sched.nmspinning, -1);
		return;
	}
	struct m *mp = mget();
	unlock(&sched.lock);
	if (!mp) {
		newm(pp, spinning);
		return;
	}
	mp->spinning = spinning;
	mp->nextp = pp;
	notewakeup(&mp->park);
}

/* There may be work for another M: start one, unless one is looking already. */
void wakep(void)
{
	asym_light(); // sc[WK]: the work is on its queue before the look
	if (load_rlx(&sched.npidle) == 0 || load_rlx(&sched.nmspinning) != 0)
		return;
	if (cas_sc(&sched.nmspinning, 0, 1)) // sc[WK]
		startm(NULL, true);
}

/* The slow half of wakep_after_put (proc.h): pp's owner has put a g on its queue, a P is idle, nobody spins. */
void wakep_maybe(struct p *pp)
{
	bool lone = load_rlx(&pp->runq.head) == load_rlx(&pp->runq.tail);
	if ((lone || load_rlx(&sched.coarsenow) < load_rlx(&sched.quietuntil)) && !hard_dice(2)) {
		if (!load_rlx(&sched.watch))
			store_rlx(&sched.watch, 1);
		if (load_rlx(&sched.sysmonfast))
			return;
	}
	if (cas_sc(&sched.nmspinning, 0, 1)) // sc[WK]
		startm(NULL, true);
}

/* Found work: stop spinning, and let another look for more. */
void mspinning_drop(struct m *mp)
{
	mp->spinning = false;
	if (add_sc(&sched.nmspinning, -1) < 0)
		throw("spinning Ms: negative count");
	wakep();
}

/* Give away a P whose M is to wait with its tied g: to another M if there is work, else to the idle list. */
void handoffp(struct p *pp)
{
	if (!runqempty(&pp->runq) || load_rlx(&sched.runqsize) != 0) {
		startm(pp, false);
		return;
	}
	if (load_rlx(&sched.npidle) + load_rlx(&sched.nmspinning) == 0 && cas_sc(&sched.nmspinning, 0, 1)) {
		startm(pp, true);
		return;
	}
	lock(&sched.lock);
	if (sched.runqsize != 0) {
		unlock(&sched.lock);
		startm(pp, false);
		return;
	}
	pidleput(pp);
	unlock(&sched.lock);
	int64_t when = timers_next(&pp->timers);
	if (when)
		wakenetpoller(when); /* nobody else looks at these timers now */
	if (pollwanted())
		needpoller();
}

bool mletgo(int64_t now)
{
	struct m *go = NULL;
	bool more = false;
	int32_t keep = load_rlx(&sched.gomaxprocs) + IDLE_KEPT;
	lock(&sched.lock);
	for (struct m **at = &sched.midle, *mp; (mp = *at);) {
		bool may = mp != &m0 && !mp->left && --keep < 0;
		if (may && now - mp->idlesince > MIDLE_MOST) {
			*at = mp->schedlink;
			sched.nmidle--;
			sched.nletgo++;
			mp->schedlink = go;
			go = mp;
		} else {
			more |= may;
			at = &mp->schedlink;
		}
	}
	unlock(&sched.lock);
	while (go) {
		struct m *mp = go;
		go = mp->schedlink;
		notewakeup(&mp->park);
	}
	return more;
}

/* The end of a thread. The first of the process only goes to sleep.
 * It ends by a return from its first function: pthread_exit would load libgcc, and abort where there is no memory for that. */
g0func static noinline void mend(struct m *mp, bool first)
{
	void **end = mp->end;
	limitend(mp);
	lock(&sched.lock);
	if (first) {
		sched.nmsys++; /* it sleeps for ever, but it is there */
	} else {
		sched.nmfreed++;
		mp->schedlink = sched.mfree;
		sched.mfree = mp;
		san_release(mp);
	}
	checkdead();
	unlock(&sched.lock); /* from here on the m may be another thread's */
	garn_g = NULL;
	if (first)
		for (;;)
			os_usleep(1000000000);
	mthreadkey(NULL);
	__builtin_longjmp(end, 1);
}

/* The tied g of this M has ended: give the P away and end the thread. */
g0func void mexit(struct m *mp)
{
	handoffp(releasep(mp));
	mend(mp, mp == &m0 && !sched.embedded);
}
