/* Stacks are power-of-two reservations: a 64 KB guard at the low end, the rest usable. Only touched pages exist, so
 * growth is a page fault and addresses stay good for ever. Each P keeps a few that were in use just now; the others are in the pool
 * (pool.c).
 *
 * 1. A stack is in exactly one place: with a g, in one P's cache, or in the pool.
 * 2. Its guard is made by whoever takes it from the pool bare, and stays until the pool gives its pages back.
 * 3. The top word of a stack in a P's cache links it: that page was touched by its last user, so the link costs no memory.
 * 4. A P has up to STACK_BATCH stacks in hand, and perhaps a full batch beside. Batches come from the pool and go there as they are: where
 *    many goroutines wait at a time, stacks go to and fro by the hundreds.
 *
 * Go copies stacks to grow them, which C's pointers forbid. Rejected: one mapping a stack (a million would pass
 * vm.max_map_count); guards by mprotect alone (two mappings a stack; it is the fallback). */

#include "stack/stack.h"
#include "stack/pool.h"
#include "core/lock.h"
#include "core/throw.h"
#include "os/os.h"
#include <errno.h>
#include <string.h>

enum { POISON = 8192 };
#ifdef GARN_HARD
enum { FRESH = 1 }; /* a new, poisoned stack for every goroutine */
#else
enum { FRESH = 0 };
#endif

static uint32_t guardkind = GUARD_NONE; /* A: enum guardkind of the last one */

void stackinit(void)
{
	poolinit();
	stackenv();
}

/* From the pool, with its guard; 0 when there is no address space. */
static uintptr_t fresh(uint8_t order)
{
	bool bare = false;
	uintptr_t lo = pooltake(order, &bare);
	if (lo && bare) {
		store_rlx(&guardkind, os_guard((void *)lo, STACK_GUARD));
		(void)VALGRIND_STACK_REGISTER(lo + STACK_GUARD, lo + stackreserved(order));
	}
	return lo;
}

/* ---- What a P keeps ------------------------------------------------------------------------------ */

static uintptr_t cacheget(struct p *pp, uint8_t order)
{
	uintptr_t lo = pp->stacks[order].head;
	pp->stacks[order].head = *stacklink(lo, order);
	pp->stacks[order].n--;
	return lo;
}

void stackcache_flush(struct p *pp)
{
	for (uint8_t order = 0; order < STACK_ORDERS; order++) {
		uintptr_t lo[STACK_BATCH];
		uint32_t n = 0;
		if (pp->batches[order])
			poolputbatch(order, pp->batches[order]);
		store_rlx(&pp->batches[order], 0);
		while (pp->stacks[order].n > 0)
			lo[n++] = cacheget(pp, order);
		if (n > 0)
			poolput(order, lo, n);
	}
}

#if SAN_THREAD
/* TSan's builds (SAN_KEPT): no caches, and the oldest first. */
static struct {
	struct lock lock;
	uintptr_t first[STACK_ORDERS], last[STACK_ORDERS]; /* L */
	uint32_t n[STACK_ORDERS];                          /* L */
} kept = { .lock = LOCKINIT(RANK_STACK) };

/* A large stack is not kept back for as long: addresses are scarce. */
static uintptr_t get(struct p *pp, uint8_t order)
{
	(void)pp;
	lock(&kept.lock);
	uintptr_t lo = kept.n[order] > (uint32_t)SAN_KEPT >> order ? kept.first[order] : 0;
	if (lo) {
		kept.first[order] = *stacklink(lo, order);
		kept.n[order]--;
	}
	unlock(&kept.lock);
	return lo ? lo : fresh(order);
}

static void put(struct p *pp, uintptr_t lo, uint8_t order)
{
	(void)pp;
	lock(&kept.lock);
	*stacklink(lo, order) = 0;
	*(kept.first[order] ? stacklink(kept.last[order], order) : &kept.first[order]) = lo;
	kept.last[order] = lo;
	kept.n[order]++;
	unlock(&kept.lock);
}
#else
static void cacheput(struct p *pp, uintptr_t lo, uint8_t order)
{
	*stacklink(lo, order) = pp->stacks[order].head;
	pp->stacks[order].head = lo;
	pp->stacks[order].n++;
}

static uintptr_t batchget(struct p *pp, uint8_t order)
{
	uintptr_t batch = pp->batches[order];
	store_rlx(&pp->batches[order], 0);
	return batch ? batch : pooltakebatch(order);
}

/* There is none in hand: a batch, or some warm ones, or a cold one. 0: there is none. */
static noinline uintptr_t refill(struct p *pp, uint8_t order)
{
	uintptr_t lo[STACK_BATCH], batch = pp ? batchget(pp, order) : 0;
	if (batch) {
		pp->stacks[order].head = batch;
		pp->stacks[order].n = STACK_BATCH;
		return cacheget(pp, order);
	}
	uint32_t n = pp ? pooltakewarm(order, lo, nelem(lo)) : 0;
	if (n == 0)
		return fresh(order);
	for (uint32_t i = 1; i < n; i++)
		cacheput(pp, lo[i], order);
	return lo[0];
}

static uintptr_t get(struct p *pp, uint8_t order)
{
	if (FRESH)
		return fresh(order);
	return pp && pp->stacks[order].head ? cacheget(pp, order) : refill(pp, order);
}

/* The hand is full: that is the batch beside now, and the one that was there goes. */
static noinline void spill(struct p *pp, uint8_t order)
{
	if (pp->batches[order])
		poolputbatch(order, pp->batches[order]);
	store_rlx(&pp->batches[order], pp->stacks[order].head);
	pp->stacks[order].head = 0;
	pp->stacks[order].n = 0;
}

static void put(struct p *pp, uintptr_t lo, uint8_t order)
{
	if (unlikely(pp->stacks[order].n >= STACK_BATCH))
		spill(pp, order);
	cacheput(pp, lo, order);
}
#endif

struct stack stackalloc(struct p *pp, uint8_t order)
{
	uintptr_t lo = get(pp, order);
	if (!lo)
		fatal_os("no memory for a goroutine's stack", ENOMEM,
		         "see GARN_STACK for smaller stacks, and " MEMORY_LIMITS);
	struct stack s = { lo + STACK_GUARD, lo + stackreserved(order) };
	if (FRESH && !SAN_THREAD) /* TSan would say that g0 writes there */
		memset((void *)(s.hi - POISON), 0xdb, POISON);
	return s;
}

void stackfree(struct p *pp, struct stack s, uint8_t order)
{
	uintptr_t lo = s.lo - STACK_GUARD;
	if (FRESH) {
		os_munmap((void *)lo, stackreserved(order)); /* a pointer that outlived its frame faults */
		os_guardsgone(1);
	} else {
		put(pp, lo, order);
	}
}

const char *stackguardkind(void)
{
	switch (load_rlx(&guardkind)) {
	case GUARD_MARKER: return "markers";
	case GUARD_PROTECT: return "protected pages";
	default: return "none";
	}
}
