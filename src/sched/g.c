/* Goroutines come and go: newproc, the caches of dead gs, the list of all.
 *
 * 1. A g is never freed, only reused: a stale pointer to one is harmless to read (timers and dumps count on it).
 * 2. A dead g keeps its stack while both lie in a cache; a g with a stack of another than the default order gives it back.
 * 3. Descriptors are dense, in slabs of their own, away from the stacks: dumps walk them without touching a stack, and
 *    an idle stack's page can go while its g stays.
 * 4. goids are handed out GOID_BATCH at a time to each P, from 1 (main); none is used twice. */

#include "sched/g.h"
#include "garn.h"
#include "sched/proc.h"
#include "sched/san.h"
#include "stack/stack.h"
#include <string.h>
#undef errno

enum { SLAB_GS = 128 };

struct gslab {
	struct gslab *next; /* A[GS] */
	uint32_t used;      /* A[GS]: gs handed out, from the first */
	struct g gs[SLAB_GS] cache_aligned;
};

static struct {
	struct lock lock;
	struct gslab *first; /* A[GS] */
	struct gslab *last;  /* L */
	uint32_t nslots;     /* L */
} allg;

static struct gslab *newslab(void)
{
	struct gslab *s = os_mmap(sizeof(struct gslab));
	if (!s)
		fatal_os("no memory for a goroutine", ENOMEM, "see ulimit -v (RLIMIT_AS)");
	return s;
}

/* A descriptor nobody has used. */
static struct g *newg(void)
{
	lock(&allg.lock);
	struct gslab *s = allg.last;
	if (!s || s->used == SLAB_GS) {
		s = newslab();
		if (allg.last)
			store_rel(&allg.last->next, s); // rel[GS]
		else
			store_rel(&allg.first, s); // rel[GS]
		allg.last = s;
	}
	struct g *gp = &s->gs[s->used];
	gp->slot = allg.nslots++;
	store_rel(&s->used, s->used + 1); // rel[GS]
	unlock(&allg.lock);
	return gp;
}

void forEachG(void (*fn)(struct g *, void *), void *arg)
{
	for (struct gslab *s = load_acq(&allg.first); s; s = load_acq(&s->next)) // acq[GS]
		for (uint32_t i = 0, n = load_acq(&s->used); i < n; i++) // acq[GS]
			fn(&s->gs[i], arg);
}

struct g *malg(uint8_t order)
{
	struct g *gp = newg();
	struct g *me = getg();
	gp->stack = stackalloc(me ? me->m->p : NULL, order);
	gp->stackorder = order;
	setgstatus(gp, Gidle, Gdead);
	vg_stack(gp);
	return gp;
}

/* Half of a full cache goes to the global list; half of an empty one comes from there. */
static noinline void gfspill(struct p *pp, uint32_t keep)
{
	lock(&sched.gflock);
	while (pp->ngfree > keep) {
		struct g *gp = pp->gfree;
		pp->gfree = gp->schedlink;
		pp->ngfree--;
		gp->schedlink = sched.gfree;
		sched.gfree = gp;
		store_rlx(&sched.ngfree, sched.ngfree + 1);
	}
	unlock(&sched.gflock);
}

void gfpurge(struct p *pp)
{
	gfspill(pp, 0);
}

static noinline struct g *gfrefill(struct p *pp)
{
	if (load_rlx(&sched.ngfree) == 0)
		return NULL;
	lock(&sched.gflock);
	struct g *gp = sched.gfree;
	if (gp) {
		sched.gfree = gp->schedlink;
		store_rlx(&sched.ngfree, sched.ngfree - 1);
	}
	while (pp && sched.gfree && pp->ngfree < GFREE_BATCH) {
		struct g *more = sched.gfree;
		sched.gfree = more->schedlink;
		store_rlx(&sched.ngfree, sched.ngfree - 1);
		more->schedlink = pp->gfree;
		pp->gfree = more;
		pp->ngfree++;
	}
	unlock(&sched.gflock);
	return gp;
}

/* A dead g with a stack of the order asked for. */
struct g *gfget(struct p *pp, uint8_t order)
{
	struct g *gp = pp ? pp->gfree : NULL;
	if (likely(gp != NULL)) {
		pp->gfree = gp->schedlink;
		pp->ngfree--;
	} else {
		gp = gfrefill(pp);
	}
	if (unlikely(!gp))
		return malg(order);
	if (unlikely(gp->stack.lo == 0 || gp->stackorder != order)) {
		if (gp->stack.lo) {
			vg_nostack(gp);
			stackfree(pp, gp->stack, gp->stackorder);
		}
		gp->stack = stackalloc(pp, order);
		gp->stackorder = order;
		vg_stack(gp);
	}
	return gp;
}

void gfput(struct p *pp, struct g *gp)
{
	bool keep = gp->stackorder == stackdefault;
#ifdef GARN_HARD
	keep = false;
#endif
	if (unlikely(!keep)) {
		vg_nostack(gp);
		stackfree(pp, gp->stack, gp->stackorder);
		gp->stack = (struct stack){ 0, 0 };
	}
	gp->schedlink = pp->gfree;
	pp->gfree = gp;
	if (unlikely(++pp->ngfree >= GFREE_MAX))
		gfspill(pp, GFREE_BATCH);
}

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

/* As if gp had been about to call its function, and switched away: gogo goes to gostart, which loads the
 * registers from the copied frame and jumps. The slot colours the stack: tops of stacks all lie at the same
 * offset of their pages, and would fight for the same cache lines. */
static void gostartcall(struct g *gp, const struct spawnframe *fr, size_t nargs)
{
	uintptr_t top = gp->stack.hi - STACK_SLACK - (gp->slot & 15) * CACHELINE - nargs;
	struct spawnframe *copy = (struct spawnframe *)(top - sizeof *copy);
	memcpy(copy, fr, sizeof *copy);
	if (nargs)
		memcpy((void *)top, fr + 1, nargs);
	copy->retpc = (uintptr_t)goexit + 1;
	struct switchframe *sf = (struct switchframe *)copy - 1;
	sf->mxcsr = fr->mxcsr;
	sf->fpcw = fr->fpcw;
	sf->rbp = sf->rbx = 0;
	sf->pc = (uintptr_t)gostart;
	gp->sched.sp = (uintptr_t)sf;
}

#if SAN_ANY
/* Sanitizers want to hear from the new stack itself: gostart is entered through here. */
static void gostarted(void *fn)
{
	struct g *gp = getg();
	san_arrive(gp);
	san_acquire(gp);
	(void)fn;
}
void gostart_san(void);
__asm__(".text\n.p2align 4\n.cfi_startproc\n.cfi_def_cfa rsp, 224\n.cfi_offset rip, -8\nnop\n"
        "gostart_san: call gostarted\n jmp gostart\n.cfi_endproc\n");
#endif

/* A g that will run the call described by fr; the caller queues it. Runs on: g, g0, foreign. */
struct g *newproc1(struct spawnframe *fr, size_t nargs, uint8_t order)
{
	struct g *me = getg();
	struct p *pp = me ? me->m->p : NULL;
	struct g *gp = gfget(pp, order);
	gostartcall(gp, fr, nargs);
	gp->goid = newgoid(pp);
	gp->gopc = fr->retpc;
	gp->startpc = fr->chain;
	gp->parentgoid = me && !me->foreign ? me->goid : 0;
	gp->name = NULL;
	gp->system = false;
#if SAN_ANY
	((struct switchframe *)gp->sched.sp)->pc = (uintptr_t)gostart_san;
	san_birth(gp);
	san_release(gp);
#endif
	setgstatus(gp, Gdead, Grunnable);
	return gp;
}

static noinline void notstarted(void)
{
	switch (load_acq(&sched.started)) { // acq[ST]
	case 0: fatal("go: the runtime is not up: build with `garn build`, or call garn_run first");
	case 2: fatal("go: garn_run has returned: no goroutine will ever run again");
	case 3: fatal("go: in a forked child: only exec and _exit may be called there");
	}
}

/* Count it and let it run. */
static void newprocput(struct g *gp)
{
	struct g *me = getg();
	struct p *pp = me ? me->m->p : NULL;
	if (likely(pp != NULL)) {
		store_rlx(&pp->ngs, pp->ngs + !gp->system);
		runqput_p(pp, gp, true);
		wakep_after_put(pp);
		return;
	}
	add_rlx(&sched.ngs, !gp->system);
	lock(&sched.lock);
	globrunqput(gp);
	unlock(&sched.lock);
	wakep();
}

/* The stub of `go` calls this: kind is the number of bytes of stack arguments, and SPAWN_WITH. */
void newproc(struct spawnframe *fr, uint32_t kind)
{
	if (unlikely(load_rlx(&sched.started) != 1))
		notstarted();
	uint8_t order = stackdefault;
	const char *name = NULL;
	if (unlikely(kind & SPAWN_WITH)) {
		struct garn_spawn_with *w = (struct garn_spawn_with *)fr->chain;
		fr->chain = (uintptr_t)w->fn;
		name = w->attr->name;
		if (w->attr->stack)
			order = stackorder(w->attr->stack);
	}
	if (unlikely(fr->chain == 0))
		fatal("go: the function is a null pointer");
	struct g *gp = newproc1(fr, kind & 0xfff, order);
	gp->name = name;
	newprocput(gp);
}

/* A frame for fn(arg), for callers that are not the stub. */
static struct spawnframe callframe(void (*fn)(void *), void *arg)
{
	struct spawnframe fr = { .mxcsr = 0x1f80, .fpcw = 0x37f };
	fr.arg[0] = (uintptr_t)arg;
	fr.chain = (uintptr_t)fn;
	return fr;
}

struct g *newproc_call(void (*fn)(void *), void *arg, bool system)
{
	if (unlikely(load_rlx(&sched.started) != 1))
		notstarted();
	struct spawnframe fr = callframe(fn, arg);
	fr.retpc = (uintptr_t)__builtin_return_address(0);
	struct g *gp = newproc1(&fr, 0, stackdefault);
	gp->system = system;
	if (system)
		add_rlx(&sched.ngsys, 1);
	newprocput(gp);
	return gp;
}

void garn_spawn_copy(const garn_attr *attr, void (*thunk)(void *), const void *data, size_t size)
{
	if (unlikely(load_rlx(&sched.started) != 1))
		notstarted();
	if (size > 4096)
		fatal("go: arguments over 4096 bytes");
	struct spawnframe fr = callframe(thunk, NULL);
	fr.retpc = (uintptr_t)__builtin_return_address(0);
	size_t room = (size + 15) & ~(size_t)15;
	struct g *gp = newproc1(&fr, 0, attr && attr->stack ? stackorder(attr->stack) : stackdefault);
	/* Slide the frames down, and put the data where stack arguments would be. */
	char *from = (char *)gp->sched.sp, *to = from - room;
	size_t frames = sizeof(struct switchframe) + sizeof(struct spawnframe);
	memmove(to, from, frames);
	memcpy(to + frames, data, size);
	((struct spawnframe *)(to + sizeof(struct switchframe)))->arg[0] = (uintptr_t)(to + frames);
	gp->sched.sp = (uintptr_t)to;
	gp->name = attr ? attr->name : NULL;
	newprocput(gp);
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

SAN_END
