/* Descriptors of goroutines: where they come from, and where dead ones go.
 *
 * They lie in slabs (core/slab.c) away from the stacks: dumps walk them without touching a stack, and an idle stack's
 * page can go while its g stays.
 *
 * 1. g.selectdone never comes back to a value it had: a g made anew begins above all that were ever given up (generation). So who
 *    still holds an old one (a timer's call on its way) wins nothing.
 * 2. A dead g has a timer only while it is in a P's cache: else the timers of a crowd that slept would stay, a few in each of their slabs,
 *    for as long as one g of its slab lives. */

#include "core/slab.h"
#include "sched/g.h"
#include "sched/proc.h"
#include "sched/san.h"
#include "stack/stack.h"
#include "timer/timer.h"

static uint32_t generation; /* A: written by sysmon */

static void made(void *x)
{
	struct g *gp = x;
	gp->selectdone = load_rlx(&generation);
	setgstatus(gp, Gidle, Gdead);
}

static void idle(void *x)
{
	struct g *gp = x;
	if (!gp->timer)
		return;
	timer_free(gp->timer);
	gp->timer = NULL;
}

static void gone(void *x)
{
	uint32_t next = (load_rlx(&((struct g *)x)->selectdone) & ~1u) + 2;
	if ((int32_t)(next - generation) > 0)
		store_rlx(&generation, next);
}

void gfreeinit(void)
{
	slabinit(SLAB_G, &(struct slabkind){ sizeof(struct g), made, idle, gone });
}

void forEachG(void (*fn)(struct g *, void *), void *arg)
{
	struct slabcursor at = { NULL, 0 };
	for (struct g *gp; (gp = gnext(&at));)
		fn(gp, arg);
}

struct g *gnext(struct slabcursor *at)
{
	return slabnext(SLAB_G, at);
}

struct g *gfget(struct p *pp)
{
	struct g *gp = slabget(pp, SLAB_G);
	if (unlikely(!gp))
		fatal_os("no memory for a goroutine", ENOMEM, "see " MEMORY_LIMITS);
	return gp;
}

void gfput(struct p *pp, struct g *gp)
{
	stackfree(pp, gp->stack, gp->stackorder);
	gp->stack = (struct stack){ 0, 0 };
	slabput(pp, SLAB_G, gp);
}
