/* The start of a goroutine: from the registers of a call to its first instruction.
 *
 * A goroutine that has not run yet has no stack. What it needs is the call it is to make. Most calls have a few integers and
 * pointers: these wait in the descriptor, where the sudog will be. Any other has a start record of a few hundred bytes, with
 * every register an argument can be in and the stack-passed arguments. execute gives it a stack, a warm one
 * from its P's cache, when it first runs. So a loop that starts a million goroutines needs memory for a million descriptors,
 * not for a million pages of stack, and they all run on the same few stacks.
 *
 * 1. A record is with its g, or free (core/slab.c).
 * 2. startrun puts the record back when it has copied it to the M: from the end of the dispatch on, the P may be another's.
 *
 * Go gives every new g its stack at once. */

#include "sched/start.h"
#include "core/slab.h"
#include "sched/proc.h"
#include "sched/san.h"
#include "sched/scan.h"
#include "stack/stack.h"

static inline int kindof(uint32_t nargs)
{
	return nargs == 0 ? 0 : nargs <= START_ARGS ? 1 : 2;
}

void startinit(void)
{
	static const size_t args[START_KINDS] = { 0, START_ARGS, START_MOST };
	for (int i = 0; i < START_KINDS; i++)
		slabinit((enum slabid)(SLAB_START + i), &(struct slabkind){ .size = offsetof(struct start, args) + args[i] });
}

/* Copy stack arguments, 16 bytes at a time: more than there may be, so they include bytes of the spawner's frame that no
 * sanitizer should look at. */
g0func static inline void copyargs(char *dst, const char *src, uint32_t n)
{
	typedef long long v16 __attribute__((vector_size(16), aligned(8), may_alias));
	for (uint32_t i = 0; i < n; i += 16) {
		*(v16 *)(dst + i) = *(const v16 *)(src + i);
		__asm__ volatile("" ::: "memory"); /* or it becomes a call of memcpy, which they replace */
	}
}

void gostartcall(struct p *pp, struct g *gp, const struct spawnframe *fr, const void *args, uint32_t nargs)
{
	struct start *st = slabget(pp, (enum slabid)(SLAB_START + kindof(nargs)));
	if (unlikely(!st))
		fatal_os("no memory for a goroutine", ENOMEM, "see " MEMORY_LIMITS);
	copyargs((char *)&st->fr, (const char *)fr, offsetof(struct spawnframe, pad2));
	st->nargs = nargs;
	st->copied = false;
	copyargs(st->args, args, nargs);
	gp->start = st;
	gp->sched.sp = 0;
}

void gostartcall_regs(struct g *gp, const struct spawncall *call)
{
	copyargs((char *)&gp->call, (const char *)call, offsetof(struct spawncall, chain));
	gp->call.chain = call->chain;
	gp->start = NULL;
	gp->sched.sp = 0;
}

struct spawnframe *startrun(struct m *mp, struct g *gp)
{
	struct p *pp = mp->p;
	struct start *st = gp->start;
	gp->stack = stackalloc(pp, gp->stackorder);
	uintptr_t args = stacktop(gp->stack) - (st ? (st->nargs + 15) & ~15u : 0);
	uintptr_t *ret = (uintptr_t *)args - 1;
	*ret = (uintptr_t)goexit + 1;
	gp->sched.sp = (uintptr_t)ret;
	gp->sched.limit = gp->stack.lo + STACK_RED;
	san_birth(gp);
	if (unlikely(gp->pack))
		gp->pack = packbirth(gp);
	if (!st)
		return NULL;
	copyargs((char *)args, st->args, st->nargs);
	if (unlikely(st->copied))
		st->fr.call.arg[0] = args;
	copyargs((char *)&mp->startframe, (const char *)&st->fr, offsetof(struct spawnframe, pad2));
	gp->start = NULL;
	slabput(pp, (enum slabid)(SLAB_START + kindof(st->nargs)), st);
	return &mp->startframe;
}
