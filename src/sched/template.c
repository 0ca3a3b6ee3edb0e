/* The template thread makes all others: Ms, and helpers, which run a function of the library's without a P. It was made before any code of the user's ran, and runs none, so that an M
 * does not inherit the affinity, scheduling policy, mask or locale that some goroutine gave its thread.
 *
 * A refusal (EAGAIN: RLIMIT_NPROC, cgroup pids; ENOMEM: address space) is not the end while another M is at work: the P goes back to
 * the idle list, its queue to the global one, and the program goes on with fewer threads.
 *
 * Then somebody has to look at that queue. An M that sleeps is woken, the poller's sleep is broken. An M on its way to sleep may have
 * looked before, and nobody can see it yet: so sysmon does not rest, and asks for an M once all Ps are idle (sched.mrefused), unless one was
 * made meanwhile. */

#include "garn.h"
#include "poll/poll.h"
#include "sched/proc.h"
#include "sched/san.h"
#undef errno

enum { MSTACK = 256 << 10, TRIES = 5 };

/* A helper to be: on the stack of who waits for it. */
struct helper {
	struct helper *next; /* L */
	void (*fn)(void *);
	void *arg;
	size_t stack;
	struct m *m;
	int err;
	struct note begun; /* woken by the helper, or, if there is none, by the template thread */
};

static struct {
	struct lock lock;
	struct helper *helpers; /* L: by next */
	struct p *want;    /* L: Ps that wait for a new M, by link */
	struct m *spare;   /* template thread only: made for a thread that was refused */
	struct note note;
	uint32_t asleep;   /* L */
} tmpl = { .lock = LOCKINIT(RANK_TEMPLATE) };

/* Is the template thread to be woken? Holds tmpl.lock, releases it. */
static void wanted(void)
{
	bool wake = tmpl.asleep;
	tmpl.asleep = 0;
	unlock(&tmpl.lock);
	if (wake)
		notewakeup(&tmpl.note);
}

/* Ask for a new M with this P; spinning: the caller has counted it in nmspinning. Runs on: any. */
void newm(struct p *pp, bool spinning)
{
	lock(&tmpl.lock);
	pp->newmspinning = spinning;
	pp->link = tmpl.want;
	tmpl.want = pp;
	wanted();
}

int helpernew(size_t stack, void (*fn)(void *), void *arg)
{
	struct helper h = { .fn = fn, .arg = arg, .stack = stack };
	san_release(arg);
	lock(&tmpl.lock);
	h.next = tmpl.helpers;
	tmpl.helpers = &h;
	wanted();
	notesleep(&h.begun);
	return h.err;
}

int helperstart(size_t stack, void (*fn)(void *), void *arg)
{
	uint32_t started = load_acq(&sched.started); // acq[ST]
	if (started != 1)
		fatal(started ? "garn: a call that needs the runtime after garn_run has returned, or in a forked child"
		              : "garn: a call that needs the runtime before it is up: build with `garn build`, or call garn_run first");
	return helpernew(stack, fn, arg);
}

/* Are there Ms that run, or can be woken to run? */
static bool othersleft(void)
{
	lock(&sched.lock);
	int64_t n = sched.mnext - sched.nmfreed - sched.nmidlelocked - sched.nmsys - sched.nforeign;
	unlock(&sched.lock);
	return n > 0;
}

/* A g in the global queue that waits for a P on a thread of its own (retake.c), and needs no other. pp's queue is empty. */
static struct g *waitsathome(struct p *pp)
{
	struct g *gp = NULL;
	lock(&sched.lock);
	for (int32_t n = sched.runqsize; n > 0 && !gp; n--) {
		gp = globrunqget(pp, true);
		if (!gp->lockedm) {
			globrunqput(gp, true);
			gp = NULL;
		}
	}
	unlock(&sched.lock);
	return gp;
}

/* No thread for pp: it goes to one that waits for it, or its work where others find it. */
static void refused(struct p *pp, bool spinning, int err)
{
	if (spinning)
		add_sc(&sched.nmspinning, -1);
	pdrain(pp);
	struct g *gp = waitsathome(pp);
	if (gp) {
		runlocked(pp, gp);
		return;
	}
	if (!othersleft())
		fatal_os("cannot start a thread, and no other is left to run goroutines", err,
		         "see " THREAD_LIMITS);
	lock(&sched.lock);
	bool idle = sched.midle != NULL;
	bool polling = load_sc(&sched.polling) != 0;
	if (!idle && !polling)
		store_rlx(&sched.mrefused, 1);
	pidleput(pp);
	unlock(&sched.lock);
	if (idle)
		wakep();
	else if (polling)
		pollbreak();
}

/* An m without a thread is kept for the next try, and not counted as one that might run. */
static void keepspare(struct m *mp)
{
	if (!mp)
		return;
	tmpl.spare = mp;
	lock(&sched.lock);
	sched.nmsys++;
	sched.nmspare++;
	unlock(&sched.lock);
}

/* By hand, as TSan would take memset for a use of the last thread's. */
static void clear(struct m *mp)
{
	typedef volatile uint64_t __attribute__((may_alias)) word;
	for (size_t i = 0; i < sizeof *mp / sizeof(word); i++)
		((word *)mp)[i] = 0;
}

static struct m *takespare(void)
{
	struct m *mp = tmpl.spare;
	lock(&sched.lock);
	if (mp) {
		tmpl.spare = NULL;
		sched.nmsys--;
		sched.nmspare--;
		unlock(&sched.lock);
		return mp;
	}
	if ((mp = sched.mfree))
		sched.mfree = mp->schedlink;
	unlock(&sched.lock);
	if (mp) {
		san_acquire(mp);
		clear(mp);
	} else {
		mp = os_mmap((sizeof *mp + 4095) & ~(size_t)4095);
	}
	if (mp)
		mcommoninit(mp);
	return mp;
}

/* 0 or an errno. */
static int trythread(size_t stack, void (*fn)(void *), void *arg)
{
	int err = 0;
	for (int i = 0; i < TRIES; i++) {
		err = os_newthread(stack, fn, arg);
		if (err != EAGAIN)
			break;
		os_usleep(200u << i);
	}
	return err;
}

static void makethread(struct p *pp)
{
	bool spinning = pp->newmspinning;
	struct m *mp = takespare();
	int err = ENOMEM;
	if (mp) {
		mp->spinning = spinning;
		mp->nextp = pp;
		err = trythread(MSTACK, mstart, mp);
	}
	if (err != 0) {
		keepspare(mp);
		refused(pp, spinning, err);
	} else if (load_rlx(&sched.mrefused)) {
		store_rlx(&sched.mrefused, 0); /* the new M finds what was left, and wakes others if there is more */
	}
}

/* Who looked for a deadlock while the m was not yet counted as a helper's, or as a spare, has seen an M awake: look again. */
static void lookagain(int32_t helpers)
{
	lock(&sched.lock);
	sched.nmsys += helpers;
	checkdead();
	unlock(&sched.lock);
}

/* The thread of a helper. Its m goes to the next that needs one. */
static void helpermain(void *arg)
{
	struct helper h = *(struct helper *)arg;
	h.m->sysm = true;
	mhelper(h.m);
	lookagain(1);
	notewakeup(&((struct helper *)arg)->begun);
	san_acquire(h.arg);
	h.fn(h.arg);
	lock(&sched.lock);
	sched.nmsys--;
	sched.nmfreed++;
	h.m->schedlink = sched.mfree;
	sched.mfree = h.m;
	san_release(h.m);
	checkdead();
	unlock(&sched.lock); /* from here on the m may be another thread's */
	garn_g = NULL;
}

static void makehelper(struct helper *h)
{
	struct m *mp = takespare();
	int err = ENOMEM;
	h->m = mp;
	if (mp && (err = trythread(h->stack, helpermain, h)) == 0)
		return; /* h may be gone */
	keepspare(mp);
	lookagain(0);
	h->err = err;
	notewakeup(&h->begun);
}

static void templateloop(void *arg)
{
	mhelper(arg);
	for (;;) {
		lock(&tmpl.lock);
		struct p *pp = tmpl.want;
		struct helper *h = pp ? NULL : tmpl.helpers;
		if (pp) {
			tmpl.want = pp->link;
		} else if (h) {
			tmpl.helpers = h->next;
		} else {
			noteclear(&tmpl.note);
			tmpl.asleep = 1;
		}
		unlock(&tmpl.lock);
		if (pp)
			makethread(pp);
		else if (h)
			makehelper(h);
		else
			notesleep(&tmpl.note);
	}
}

void templateinit(void)
{
	static struct m tm;
	mhelperinit(&tm);
	int err = os_newthread(MSTACK, templateloop, &tm);
	if (err)
		fatal_os("cannot start the first thread", err, "see " THREAD_LIMITS);
}
