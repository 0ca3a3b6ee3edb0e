/* newproc: goroutines are made, numbered and counted.
 *
 * 1. A g has a stack from its first run (start.c) to its end, not before and not after.
 * 2. goids are handed out GOID_BATCH at a time to each P, from 1 (main); none is used twice. */

#include "sched/g.h"
#include "garn.h"
#include "sched/proc.h"
#include "sched/retake.h"
#include "sched/san.h"
#include "sched/scan.h"
#include "sched/start.h"
#include "stack/stack.h"
#include <string.h>
#undef errno

static uint64_t newgoid(struct p *pp)
{
	if (!pp)
		return add_rlx(&sched.goidgen, 1);
	if (unlikely(pp->goidcache == pp->goidcacheend)) {
		pp->goidcacheend = add_rlx(&sched.goidgen, GOID_BATCH) + 1;
		pp->goidcache = pp->goidcacheend - GOID_BATCH;
	}
	return pp->goidcache++;
}

/* A g that will make the call described by fr; the caller queues it. pp is the caller's P, inside penter, or null.
 * Runs on: g, g0, foreign. */
struct g *newproc1(struct p *pp, struct spawnframe *fr, const void *args, uint32_t kind, uint8_t order)
{
	struct g *gp = gfget(pp);
	if (kind & SPAWN_REGS)
		gostartcall_regs(gp, &fr->call);
	else
		gostartcall(pp, gp, fr, args, kind);
	gp->goid = newgoid(pp);
	gp->gopc = fr->retpc;
	gp->startpc = fr->call.chain;
	gp->parentgoid = garn_goid();
	gp->name = NULL;
	gp->system = false;
	gp->stackorder = order;
	gp->pack = sched.packall;
	san_release(gp);
	setgstatus(gp, Gdead, Grunnable);
	return gp;
}

/* garn_run has returned, and this goroutine or timer was still at it: its thread stops here. Runs on: g, g0. */
void stopforever(void)
{
	for (;;)
		os_futexsleep(&sched.started, 2, -1);
}

static noinline void notstarted(void)
{
	switch (load_acq(&sched.started)) { // acq[ST]
	case 0: fatal("go: the runtime is not up: build with `garn build`, or call garn_run first");
	case 2:
		if (getg() && !getg()->foreign)
			stopforever();
		fatal("go: garn_run has returned: no goroutine will ever run again");
	case 3: fatal("go: in a forked child: only exec and _exit may be called there");
	}
}

/* newproc and its like lie between these two. */
static inline struct p *newproc_enter(void)
{
	if (unlikely(load_rlx(&sched.started) != 1))
		notstarted();
	struct g *me = getg();
	return me ? penter(me->m) : NULL;
}

/* Count gp and let it run. Who starts goroutines without end lets them run now and then. */
static inline void newproc_leave(struct p *pp, struct g *gp)
{
	struct g *me = getg();
	if (likely(pp != NULL)) {
		store_rlx(&pp->ngs, pp->ngs + !gp->system);
		runqput_p(pp, gp, true);
		wakep_after_put(pp);
	} else {
		add_rlx(&sched.ngs, !gp->system);
		lock(&sched.lock);
		globrunqput(gp, false);
		unlock(&sched.lock);
		wakep();
	}
	if (likely(me != NULL)) {
		pleave(me->m);
		callpoint(me);
	}
}

/* As many bytes of stack arguments as n, but none above the caller's stack. */
static noinline uint32_t argsabove(const void *args, uint32_t n)
{
	struct g *me = getg();
	uintptr_t hi = me ? me->stack.hi : 0;
	if (hi > (uintptr_t)args && hi - (uintptr_t)args < n)
		n = (uint32_t)(hi - (uintptr_t)args) & ~15u;
	return n;
}

/* The stub of `go` calls this: kind is the number of bytes of stack arguments, and flags. */
void newproc(struct spawnframe *fr, uint32_t kind)
{
	struct p *pp = newproc_enter();
	uint8_t order = load_rlx(&stackdefault);
	const char *name = NULL;
	bool packs = false;
	if (unlikely(kind & SPAWN_WITH)) {
		struct garn_spawn_with *w = (struct garn_spawn_with *)fr->call.chain;
		fr->call.chain = (uintptr_t)w->fn;
		name = w->attr->name;
		if (w->attr->stack)
			order = stackorder(w->attr->stack);
		packs = w->attr->pack;
	}
	if (unlikely(fr->call.chain == 0))
		fatal("go: the function is a null pointer");
	kind &= ~SPAWN_WITH;
	if (unlikely(kind > START_ARGS && kind != SPAWN_REGS))
		kind = argsabove(fr + 1, kind);
	struct g *gp = newproc1(pp, fr, fr + 1, kind, order);
	gp->name = name;
	if (unlikely(packs))
		gp->pack = packable();
	newproc_leave(pp, gp);
}

/* A frame for fn(arg), for callers that are not the stub. */
static struct spawnframe callframe(void (*fn)(void *), void *arg)
{
	struct spawnframe fr = { .call = { .mxcsr = 0x1f80, .fpcw = 0x37f } };
	fr.call.arg[0] = (uintptr_t)arg;
	fr.call.chain = (uintptr_t)fn;
	return fr;
}

struct g *newproc_call(void (*fn)(void *), void *arg, bool system)
{
	struct p *pp = newproc_enter();
	struct spawnframe fr = callframe(fn, arg);
	fr.retpc = (uintptr_t)__builtin_return_address(0);
	struct g *gp = newproc1(pp, &fr, NULL, SPAWN_REGS, load_rlx(&stackdefault));
	gp->system = system;
	if (system)
		add_rlx(&sched.ngsys, 1);
	newproc_leave(pp, gp);
	return gp;
}

void garn_spawn_copy(const garn_attr *attr, void (*thunk)(void *), const void *data, size_t size)
{
	struct p *pp = newproc_enter();
	if (size > START_ARGS)
		fatal("go: arguments over 256 bytes");
	struct spawnframe fr = callframe(thunk, NULL);
	fr.retpc = (uintptr_t)__builtin_return_address(0);
	char copy[START_ARGS] __attribute__((aligned(16)));
	memcpy(copy, data, size);
	struct g *gp = newproc1(pp, &fr, copy, (uint32_t)size, attr && attr->stack ? stackorder(attr->stack) : load_rlx(&stackdefault));
	gp->start->copied = size != 0;
	gp->name = attr ? attr->name : NULL;
	if (unlikely(attr && attr->pack))
		gp->pack = packable();
	newproc_leave(pp, gp);
}

int64_t gcount(void)
{
	int64_t n = load_rlx(&sched.ngs);
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) // acq[AP]
		n += load_rlx(&load_rlx(&sched.allp[i])->ngs);
	return n;
}

int garn_num_goroutines(void)
{
	int64_t n = gcount();
	return n < 0 ? 0 : (int)n;
}

uint64_t garn_goid(void)
{
	struct g *gp = getg();
	return gp && !gp->foreign ? gp == gp->m->g0 ? gp->m->curg ? gp->m->curg->goid : 0 : gp->goid : 0;
}
