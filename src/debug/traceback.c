/* Traces: walk a stack, then print it as Go does.
 *
 *  1. A walk (libgcc's _Unwind_Backtrace) takes addresses only, into the caller's struct pcs; names are looked up after,
 *     on the thread's own large stack: a goroutine may have had no more than a few hundred bytes left.
 *  2. Walking a stack that is broken, or whose goroutine runs on meanwhile, may touch what is not there: then
 *     the walk ends (guarded), and the trace has what was found.
 *  3. The program's frames only: of the library's, only a public call between two of the program's (garn_once_do) is
 *     shown. GARN_TRACEBACK=system shows all, and so do the scheduler's own traces, from the function that said the last words on: what lies
 *     inside of that makes this trace.
 *
 * Go walks with tables of its own and needs no room for it; we have what C has: the frame information that
 * compilers leave in every program. Assembly goes along, see arch/. */
#include "debug/debug.h"
#include "arch/arch.h"
#include "base/print.h"
#include <string.h>
#include <sys/auxv.h>
#include <unwind.h>

enum { SHOWN = 50 }; /* innermost, and again outermost */

static _Unwind_Reason_Code addpc(struct _Unwind_Context *context, void *arg)
{
	struct pcs *pcs = arg;
	int exact = 0; /* interrupted there by a signal, so not behind a call */
	uintptr_t pc = _Unwind_GetIPInfo(context, &exact);
	if (pc == 0 || pcs->n == TRACE_WALK)
		return _URC_NORMAL_STOP;
	if (exact && pcs->fault) {
		pcs->n = 0;
		pcs->fault = false;
	}
	if (!exact)
		pc--;
	if (pcs->n < TRACE_INNER)
		pcs->inner[pcs->n] = pc;
	else
		pcs->outer[pcs->n % TRACE_OUTER] = pc;
	pcs->n++;
	return _URC_NO_REASON;
}

static _Unwind_Reason_Code stop(struct _Unwind_Context *context, void *arg)
{
	(void)context, (void)arg;
	return _URC_NORMAL_STOP;
}

/* Where there is no dynamic linker, libgcc sorts the frame information at the first walk, and mallocs for that: it must not be the walk of one
 * that dies inside malloc. */
void traceinit(void)
{
	if (getauxval(AT_BASE) == 0)
		_Unwind_Backtrace(stop, NULL);
}

static void walk(void *arg)
{
	_Unwind_Backtrace(addpc, arg);
}

void collect(struct pcs *pcs)
{
	pcs->n = 0;
	pcs->broken = !guarded(walk, pcs);
}

struct walk_on {
	struct g *gp;
	struct pcs *pcs;
};

static void walk_on(void *arg)
{
	struct walk_on *w = arg;
	unwind_on(w->gp, walk, w->pcs);
}

void collect_on(struct g *gp, struct pcs *pcs)
{
	struct walk_on w = { gp, pcs };
	pcs->n = 0;
	pcs->broken = !guarded(walk_on, &w);
}

/* The i-th address; 0 when it was not kept. */
static uintptr_t pcat(const struct pcs *pcs, size_t i)
{
	if (i < TRACE_INNER)
		return pcs->inner[i];
	return i + TRACE_OUTER >= pcs->n ? pcs->outer[i % TRACE_OUTER] : 0;
}

/* "	file:line +0x1d", or what is known instead. */
static void printplace(struct printer *pr, const struct frame *f)
{
	if (f->file)
		print_fmt(pr, "\t%s:%d", f->file, f->line);
	else
		print_fmt(pr, "\t%s", f->module[0] ? f->module : "?");
	if (f->entry && f->pc > f->entry)
		print_fmt(pr, " +%#lx", (unsigned long)(f->pc - f->entry));
	if (!f->func && !f->file) {
		print_fmt(pr, " pc=%#lx", (unsigned long)f->pc);
		if (f->module[0])
			print_fmt(pr, "\n  (addr2line -f -e %s %#lx)", f->module, (unsigned long)f->offset);
	}
	print_char(pr, '\n');
}

static void printframe(struct printer *pr, const struct frame *f)
{
	print_fmt(pr, "%s\n", f->func ? f->func : "?");
	printplace(pr, f);
}

/* Is there anything of the program at pc? */
static bool theirs(uintptr_t pc)
{
	struct frame f[INLINE_MAX];
	for (int n = symbolize(pc, f); n > 0; n--)
		if (!f[n - 1].ours)
			return true;
	return false;
}

/* The calls at pc, or, pr being null, only their number. Between the program's own frames the library's public calls are shown. */
static size_t printpc(struct printer *pr, uintptr_t pc, bool all, bool between)
{
	struct frame f[INLINE_MAX];
	size_t shown = 0;
	int n = pc ? symbolize(pc, f) : 0;
	for (int i = 0; i < n; i++) {
		if (f[i].ours && !all && !(between && ispublic(&f[i])))
			continue;
		if (pr)
			printframe(pr, &f[i]);
		shown++;
	}
	return shown;
}

/* The addresses that make up the outermost SHOWN calls begin here. */
static size_t outerpart(const struct pcs *pcs, size_t first, bool all)
{
	size_t i = pcs->n, shown = 0;
	while (i > first && pcat(pcs, i - 1) && shown < SHOWN)
		shown += printpc(NULL, pcat(pcs, --i), all, true);
	return i;
}

static void printpcs(struct printer *pr, const struct pcs *pcs, size_t first, bool all)
{
	size_t shown = 0, outer = outerpart(pcs, first, all);
	for (size_t i = first; i < pcs->n; i++) {
		if ((shown >= SHOWN || !pcat(pcs, i)) && i < outer) {
			print_fmt(pr, "...%zu frames elided...\n", outer - i);
			i = outer;
		}
		shown += printpc(pr, pcat(pcs, i), all, i != first);
	}
}

/* A goroutine that has not begun has no stack: its function, all the same. */
static void printstart(struct printer *pr, struct g *gp)
{
	struct frame f[INLINE_MAX];
	int n = symbolize(gp->startpc, f);
	printframe(pr, &f[n - 1]);
}

static void printcreator(struct printer *pr, struct g *gp)
{
	struct frame f[INLINE_MAX];
	if (!gp->gopc)
		return;
	int n = symbolize(gp->gopc - 1, f), i = 0;
	while (i < n - 1 && f[i].ours)
		i++;
	print_fmt(pr, "created by %s", f[i].func ? f[i].func : "?");
	if (gp->parentgoid)
		print_fmt(pr, " in goroutine %lu", (unsigned long)gp->parentgoid);
	print_char(pr, '\n');
	printplace(pr, &f[i]);
}

/* Is a way to die (core/throw.h) at pc? */
static bool dies(uintptr_t pc)
{
	static const char *const ways[] = { "die", "throw", "fatal", "panic", "fatal_os" };
	struct frame f[INLINE_MAX];
	for (int n = symbolize(pc, f); n > 0; n--)
		for (size_t i = 0; f[n - 1].func && i < nelem(ways); i++)
			if (strcmp(f[n - 1].func, ways[i]) == 0)
				return true;
	return false;
}

void traceprint(struct printer *pr, struct g *gp, const struct pcs *pcs)
{
	struct g *me = getg();
	bool all = tracelevel() == TRACE_SYSTEM || (!gp && me && !me->foreign); /* the scheduler's */
	size_t first = 0, death = 0;
	for (; first < pcs->n && pcat(pcs, first) && !theirs(pcat(pcs, first)); first++)
		if (dies(pcat(pcs, first)))
			death = first;
	if (all)
		printpcs(pr, pcs, death, true);
	else if (first < pcs->n)
		printpcs(pr, pcs, first, false);
	else if (gp && gp->startpc && !gp->stack.lo)
		printstart(pr, gp);
	else
		printpcs(pr, pcs, death, true);
	if (pcs->broken)
		print_str(pr, "\t(the stack cannot be read further)\n");
	else if (pcs->n == TRACE_WALK)
		print_str(pr, "...additional frames elided...\n");
	if (gp)
		printcreator(pr, gp);
}
