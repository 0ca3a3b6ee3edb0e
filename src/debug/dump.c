/* Which goroutines are printed, under which header, when.
 *
 *  1. Only a thread that has the right to print last words comes here (startdying).
 *  2. Goroutines that wait or are runnable can be walked. One that runs on another thread cannot: its registers are there.
 *  3. The library's own goroutines, and those that stand for a thread, are not shown.
 *
 * Go stops the world for this. We do not: who runs on while another dies may be walked in the middle of a change,
 * which guarded() survives. */
#include "debug/debug.h"
#include "arch/arch.h"
#include "base/print.h"
#include "core/gstatus.h"
#include "core/throw.h"
#include "os/os.h"
#include "sched/g.h"
#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * 1000000000ll)

enum tracelevel tracelevel(void)
{
	static const char *const names[] = { "none", "single", "all", "system" };
	const char *level = getenv("GARN_TRACEBACK");
	for (size_t i = 0; level && i < nelem(names); i++)
		if (strcmp(level, names[i]) == 0)
			return (enum tracelevel)i;
	return TRACE_SINGLE;
}

static const char *const reasons[NWAIT] = {
	[WAIT_NONE] = "waiting",
	[WAIT_CHAN_RECV] = "chan receive",
	[WAIT_CHAN_RECV_NIL] = "chan receive (nil chan)",
	[WAIT_CHAN_SEND] = "chan send",
	[WAIT_CHAN_SEND_NIL] = "chan send (nil chan)",
	[WAIT_SELECT] = "select",
	[WAIT_SELECT_NONE] = "select (no cases)",
	[WAIT_SLEEP] = "sleep",
	[WAIT_SEMACQUIRE] = "semacquire",
	[WAIT_MUTEX] = "sync.Mutex.Lock",
	[WAIT_RWMUTEX_R] = "sync.RWMutex.RLock",
	[WAIT_RWMUTEX_W] = "sync.RWMutex.Lock",
	[WAIT_COND] = "sync.Cond.Wait",
	[WAIT_WAITGROUP] = "sync.WaitGroup.Wait",
	[WAIT_ONCE] = "sync.Once.Do",
	[WAIT_IO] = "IO wait",
	[WAIT_SIGNAL] = "signal wait",
	[WAIT_TIMER] = "timer goroutine (idle)",
};

const char *statusname(struct g *gp)
{
	switch (readgstatus(gp)) {
	case Gidle: return "idle";
	case Grunnable: return "runnable";
	case Grunning: return "running";
	case Gsyscall: return "syscall";
	case Gwaiting: return gp->waitreason < NWAIT && reasons[gp->waitreason] ? reasons[gp->waitreason] : "waiting";
	case Gdead: return "dead";
	}
	return "???";
}

/* "goroutine 7 "name" [chan receive, 2 minutes]:" */
static void goroutineheader(struct printer *pr, struct g *gp, bool running)
{
	int64_t since = running || readgstatus(gp) != Gwaiting ? 0 : gp->waitsince;
	print_fmt(pr, "goroutine %lu", (unsigned long)gp->goid);
	if (gp->name)
		print_fmt(pr, " \"%s\"", gp->name);
	print_fmt(pr, " [%s", running ? "running" : statusname(gp));
	if (since && os_nanotime() - since >= MINUTE)
		print_fmt(pr, ", %ld minutes", (long)((os_nanotime() - since) / MINUTE));
	print_fmt(pr, "%s]:\n", gp->lockedm ? ", locked to thread" : "");
}

/* Is gp's context saved, so that its stack can be walked? */
static bool walkable(struct g *gp)
{
	uint32_t st = readgstatus(gp);
	uintptr_t sp = gp->sched.sp, lo = gp->stack.lo;
	return (st == Gwaiting || st == Grunnable) && lo && sp > lo && sp < gp->stack.hi;
}

struct printing {
	struct printer *pr;
	struct g *gp;
	const struct pcs *pcs;
};

static void print1(void *arg)
{
	struct printing *p = arg;
	traceprint(p->pr, p->gp, p->pcs);
}

static void print(struct printer *pr, struct g *gp, const struct pcs *pcs)
{
	struct printing p = { pr, gp, pcs };
	if (!guarded(print1, &p))
		print_str(pr, "\t(a fault ended this trace)\n");
}

static void printother(struct printer *pr, struct g *gp)
{
	struct pcs pcs = { .n = 0 };
	goroutineheader(pr, gp, false);
	if (walkable(gp))
		collect_on(gp, &pcs);
	else if (gp->stack.lo)
		print_str(pr, "\tgoroutine running on other thread; stack unavailable\n");
	print(pr, gp, &pcs);
}

void traceself(const struct pcs *pcs)
{
	struct g *me = getg(), *gp = me;
	struct printer pr;
	if (gp && gp->m && gp == gp->m->g0 && !gp->foreign)
		gp = gp->m->curg;
	if (gp && gp->foreign)
		gp = NULL;
	print_init(&pr, os_write, 2);
	if (gp)
		goroutineheader(&pr, gp, true);
	else if (me && !me->foreign)
		print_str(&pr, "runtime stack:\n");
	else
		print_fmt(&pr, "thread %d [not a goroutine]:\n", os_gettid());
	print(&pr, gp, pcs);
	print_flush(&pr);
}

static void traceback1(void *arg)
{
	struct g *gp = arg;
	if (gp) {
		struct printer pr;
		print_init(&pr, os_write, 2);
		printother(&pr, gp);
		print_flush(&pr);
	} else {
		struct pcs pcs = { .n = 0 };
		collect(&pcs);
		traceself(&pcs);
	}
}

void traceback(struct g *gp)
{
	struct g *me = getg();
	if (tracelevel() == TRACE_NONE)
		return;
	if (me && (gp == me || (me->m && gp == me->m->curg)))
		gp = NULL;
	systemstack(traceback1, gp);
}

/* ---- all of them ---- */

struct gather {
	struct printer *pr;
	struct g **gs; /* null: only count */
	size_t n, max;
	struct g *but;
};

bool isshown(struct g *gp)
{
	uint32_t st = readgstatus(gp);
	return st != Gdead && st != Gidle && !gp->foreign && (!gp->system || tracelevel() == TRACE_SYSTEM);
}

static void gather(struct g *gp, void *arg)
{
	struct gather *a = arg;
	if (!isshown(gp))
		return;
	if (a->gs && a->n < a->max)
		a->gs[a->n] = gp;
	a->n++;
}

static void printone(struct g *gp, void *arg)
{
	struct gather *a = arg;
	if (!isshown(gp) || gp == a->but)
		return;
	print_char(a->pr, '\n');
	printother(a->pr, gp);
}

/* Shell's sort: no memory, no recursion. */
static void sortbygoid(struct g **gs, size_t n)
{
	for (size_t gap = n / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11) {
		for (size_t i = gap; i < n; i++) {
			struct g *gp = gs[i];
			size_t j = i;
			for (; j >= gap && gs[j - gap]->goid > gp->goid; j -= gap)
				gs[j] = gs[j - gap];
			gs[j] = gp;
		}
	}
}

static void others1(void *arg)
{
	struct printer pr;
	struct gather a = { .but = arg, .pr = &pr };
	forEachG(gather, &a);
	print_init(&pr, os_write, 2);
	a.max = a.n;
	a.n = 0;
	a.gs = a.max ? os_mmap(a.max * sizeof(a.gs[0])) : NULL;
	if (!a.gs) {
		forEachG(printone, &a); /* no memory: in the order they were made */
	} else {
		forEachG(gather, &a);
		a.n = a.n < a.max ? a.n : a.max; /* more were made meanwhile */
		sortbygoid(a.gs, a.n);
		for (size_t i = 0; i < a.n; i++)
			printone(a.gs[i], &a);
	}
	print_flush(&pr);
}

void tracebackothers(struct g *me)
{
	if (tracelevel() == TRACE_NONE || (me && tracelevel() < TRACE_ALL))
		return;
	systemstack(others1, me);
}

void deadlockreport(const char *msg)
{
	struct printer pr;
	startdying();
	print_init(&pr, os_write, 2);
	print_fmt(&pr, "fatal error: %s\n", msg);
	print_flush(&pr);
	tracebackothers(NULL);
	os_exit(2);
}

void debuginit(void)
{
	hooks.traceback = traceback;
	hooks.tracebackothers = tracebackothers;
	hooks.deadlock = deadlockreport;
	hooks.sigaltinit = sigaltinit;
	hooks.overflow = overflow;
	debugenv();
	traceinit();
	faultinit();
}

/* Mistakes made before the runtime is up have a trace as well. */
__attribute__((constructor)) static void early(void)
{
	hooks.traceback = traceback;
}
