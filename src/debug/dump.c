/* Which goroutines are printed, under which header, when.
 *
 *  1. Only a thread that has the right to print last words comes here (startdying), so one buffer is enough.
 *  2. Goroutines that wait or are runnable can be walked. One that runs on another thread cannot: its registers are there.
 *  3. The library's own goroutines, and those that stand for a thread, are not shown.
 *
 * Go stops the world for this. We do not: who runs on while another dies may be walked in the middle of a change,
 * which guarded() survives. */
#include "debug/debug.h"
#include "arch/arch.h"
#include "core/gstatus.h"
#include "core/throw.h"
#include "debug/out.h"
#include "os/os.h"
#include "sched/g.h"
#include <stdlib.h>
#include <string.h>

enum tracelevel tracelevel = TRACE_SINGLE;
struct out outbuf;

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

static const char *statusname(struct g *gp)
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
static void goroutineheader(struct g *gp, bool running)
{
	int64_t since = gp->waitsince;
	out("goroutine ");
	out_dec(gp->goid);
	if (gp->name) {
		out(" \"");
		out(gp->name);
		out("\"");
	}
	out(" [");
	out(running ? "running" : statusname(gp));
	if (!running && readgstatus(gp) == Gwaiting && since && os_nanotime() - since >= 60 * 1000000000ll) {
		out(", ");
		out_dec((uint64_t)(os_nanotime() - since) / 60 / 1000000000);
		out(" minutes");
	}
	if (gp->lockedm)
		out(", locked to thread");
	out("]:\n");
}

static void threadheader(void)
{
	out("thread ");
	out_dec((uint64_t)os_gettid());
	out(" [not a goroutine]:\n");
}

/* Is gp's context saved, so that its stack can be walked? */
static bool walkable(struct g *gp)
{
	uint32_t st = readgstatus(gp);
	return (st == Gwaiting || st == Grunnable) && gp->sched.sp - 8192 > gp->stack.lo && gp->sched.sp < gp->stack.hi;
}

struct printing {
	struct g *gp;
	const struct pcs *pcs;
};

static void print1(void *arg)
{
	struct printing *p = arg;
	traceprint(p->gp, p->pcs);
}

static void print(struct g *gp, const struct pcs *pcs)
{
	struct printing p = { gp, pcs };
	if (!guarded(print1, &p))
		out("\t(a fault ended this trace)\n");
}

static void printother(struct g *gp)
{
	struct pcs pcs = { .n = 0 };
	uint32_t st = readgstatus(gp);
	out("\n");
	goroutineheader(gp, false);
	if (walkable(gp))
		collect_on(gp, &pcs);
	else if (st == Grunning || st == Gsyscall)
		out("\tgoroutine running on other thread; stack unavailable\n");
	else
		out("\tstack too full to walk\n");
	print(gp, &pcs);
}

void traceself(const struct pcs *pcs)
{
	struct g *me = getg(), *gp = me;
	if (gp && gp->m && gp == gp->m->g0 && !gp->foreign)
		gp = gp->m->curg;
	if (gp && gp->foreign)
		gp = NULL;
	out("\n");
	if (gp)
		goroutineheader(gp, true);
	else if (me && !me->foreign)
		out("runtime stack:\n");
	else
		threadheader();
	print(gp, pcs);
	out_flush();
}

static void traceback1(void *arg)
{
	struct g *gp = arg;
	if (gp) {
		printother(gp);
		out_flush();
	} else {
		struct pcs pcs = { .n = 0 };
		collect(&pcs);
		traceself(&pcs);
	}
}

void traceback(struct g *gp)
{
	struct g *me = getg();
	if (tracelevel == TRACE_NONE)
		return;
	if (me && (gp == me || (me->m && gp == me->m->curg)))
		gp = NULL;
	systemstack(traceback1, gp);
}

/* ---- all of them ---- */

struct gather {
	struct g **gs; /* null: only count */
	size_t n, max;
	struct g *but;
};

static bool isshown(struct g *gp)
{
	uint32_t st = readgstatus(gp);
	return st != Gdead && st != Gidle && !gp->foreign && (!gp->system || tracelevel == TRACE_SYSTEM);
}

static void gather(struct g *gp, void *arg)
{
	struct gather *a = arg;
	if (!isshown(gp) || gp == a->but)
		return;
	if (!a->gs) {
		a->n++;
		return;
	}
	if (a->n < a->max)
		a->gs[a->n++] = gp;
}

static void printone(struct g *gp, void *arg)
{
	struct gather *a = arg;
	if (isshown(gp) && gp != a->but)
		printother(gp);
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
	struct gather a = { .but = arg };
	forEachG(gather, &a);
	if (a.n == 0)
		return;
	a.max = a.n;
	a.n = 0;
	a.gs = os_mmap(a.max * sizeof(a.gs[0]));
	if (!a.gs) {
		forEachG(printone, &a); /* no memory: in the order they were made */
	} else {
		forEachG(gather, &a);
		sortbygoid(a.gs, a.n);
		for (size_t i = 0; i < a.n; i++)
			printother(a.gs[i]);
	}
	out_flush();
}

void tracebackothers(struct g *me)
{
	if (tracelevel == TRACE_NONE || (me && tracelevel < TRACE_ALL))
		return;
	systemstack(others1, me);
}

void deadlockreport(const char *msg)
{
	startdying();
	out("fatal error: ");
	out(msg);
	out("\n");
	out_flush();
	tracebackothers(NULL);
	os_exit(2);
}

void debuginit(void)
{
	static const char *const names[] = { "none", "single", "all", "system" };
	const char *level = getenv("GARN_TRACEBACK");
	for (size_t i = 0; level && i < nelem(names); i++)
		if (strcmp(level, names[i]) == 0)
			tracelevel = (enum tracelevel)i;
	hooks.traceback = traceback;
	hooks.tracebackothers = tracebackothers;
	hooks.deadlock = deadlockreport;
	hooks.sigaltinit = sigaltinit;
	faultinit();
}
