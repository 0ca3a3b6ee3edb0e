/* Stacks: reserved address ranges whose pages come into being when touched. */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include "core/runtime.h"

enum {
	STACK_MIN = 128 << 10,   /* reservation of order 0; each order doubles it, until 1 GB of it can be used */
	STACK_ORDERS = 15,
	STACK_USUAL = 1,         /* the order of 256 KB, for who says nothing */
	STACK_PAGE = 4096,
	STACK_BLOCK = 2 << 20,   /* what a page table covers: stacks of one order, or a part of a larger one */
	STACK_BLOCK_BITS = 21,
	STACK_GUARD = 64 << 10,  /* glibc puts up to 64 KB on a stack in one step without touching it */
	STACK_RED = 8 << 10,     /* the lowest part is not for code compiled with -fsplit-stack: see sched/newstack.c */
	STACK_SLACK = 256,       /* readable above the first frame: the spawn stub copies that much blindly */
};
_Static_assert((int)STACK_ORDERS <= (int)NORDERS, "struct p has a cache for each order");

/* What there is of an order, in stacks. */
struct stackcount {
	uint64_t cut;      /* addresses for so many */
	uint64_t out;      /* with goroutines, or in the caches of Ps */
	uint64_t most;     /* so many were out once */
	uint64_t clean;    /* in the pool, without a page */
	uint64_t returned; /* so often one in the pool was made clean */
};
void stackcounts(uint8_t order, struct stackcount *out);

static inline size_t stackreserved(uint8_t order)
{
	return (size_t)STACK_MIN << order;
}
/* The word of a free stack that links it. Its page was touched by who used it. */
static inline uintptr_t *stacklink(uintptr_t lo, uint8_t order)
{
	return (uintptr_t *)(lo + stackreserved(order) - sizeof(uintptr_t));
}
/* The order whose stacks have at least n usable bytes; dies when n is over the limit. Runs on: any. Never parks. */
uint8_t stackorder(size_t n);
size_t stackusable(uint8_t order);
/* A: the order of spawns that ask for nothing: garn_set_max_stack, GARN_STACK, else STACK_USUAL. Read it when the runtime is up. */
extern uint8_t stackdefault;
/* Let GARN_STACK decide it, if nobody has; dies when that makes no sense. Runs on: any. Never parks. */
void stackenv(void);
void stackinit(void);
/* A stack with its guard in place; pp may be null. Dies with the limit's name when there is no address space.
 * Runs on: g, g0, foreign. Holds: nothing. Never parks. */
struct stack stackalloc(struct p *pp, uint8_t order);
void stackfree(struct p *pp, struct stack s, uint8_t order);
/* A P's cached stacks go to the global pool. */
void stackcache_flush(struct p *pp);
/* Give back a piece of what nobody has used for a while. False: there was none; *later: there will be.
 * Runs on: sysmon. Holds: nothing. */
bool stackscavenge(int64_t now, bool *later);
/* Where the first frame of a stack begins: above its slack, and a few lines lower than its neighbour's, as the tops of all lie at the
 * same offset of their pages and would fight for the same cache lines. */
static inline uintptr_t stacktop(struct stack s)
{
	return s.hi - STACK_SLACK - (s.hi / STACK_MIN & 15) * CACHELINE;
}
/* How the last guard was made, for dumps. */
const char *stackguardkind(void);

#endif
