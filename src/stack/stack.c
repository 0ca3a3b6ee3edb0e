/* Stacks are power-of-two reservations cut from arenas: a 64 KB guard at the low end, the rest usable. Only
 * touched pages exist, so growth is a page fault and addresses stay good for ever.
 *
 * 1. A stack is in exactly one place: with a g, in one P's cache, in the global pool, or not cut yet.
 * 2. Its guard is installed once, when it is cut, and lives as long as the reservation.
 * 3. A free stack's top word links it: that page was touched by its last user, so the link costs no memory.
 * 4. The pool's lock covers the pool and the arenas; guards are installed outside it.
 *
 * Go copies stacks to grow them, which C's pointers forbid. Rejected: one mapping a stack (a million would pass
 * vm.max_map_count); guards by mprotect alone (two mappings a stack; it is the fallback). */

#include "stack/stack.h"
#include "core/lock.h"
#include "core/throw.h"
#include "os/os.h"
#include <errno.h>
#include <string.h>
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef VALGRIND_STACK_REGISTER
#define VALGRIND_STACK_REGISTER(lo, hi) (0)
#endif

enum { ARENA = 256 << 20, POISON = 8192 };
#ifdef GARN_HARD
enum { FRESH = 1 }; /* a new, poisoned stack for every goroutine */
#else
enum { FRESH = 0 };
#endif

static struct {
	struct lock lock;
	uintptr_t free[STACK_ORDERS];                 /* L */
	uintptr_t last[STACK_ORDERS];                 /* L: TSan's builds: free is in order of age */
	uint32_t n[STACK_ORDERS];                     /* L: the same: how many */
	struct { uintptr_t next, end; } arena[STACK_ORDERS]; /* L: the part not cut yet */
} pool;

static uint32_t guardkind; /* A: enum guardkind of the last one */

void stackinit(void)
{
	lockinit(&pool.lock, RANK_STACK);
	stackenv();
}

static uintptr_t *linkof(uintptr_t lo, uint8_t order)
{
	return (uintptr_t *)(lo + stackreserved(order) - sizeof(uintptr_t));
}

/* Address space for at least one stack of this order, or 0. */
static bool newarena(uint8_t order)
{
	size_t one = stackreserved(order);
	for (size_t n = one > ARENA ? one : ARENA; n >= one; n /= 2) {
		void *p = os_reserve(n);
		if (!p)
			continue;
		pool.arena[order].next = (uintptr_t)p;
		pool.arena[order].end = (uintptr_t)p + n;
		return true;
	}
	return false;
}

/* Cut a fresh reservation; 0 when there is no address space. */
static uintptr_t cut(uint8_t order)
{
	lock(&pool.lock);
	if (pool.arena[order].end - pool.arena[order].next < stackreserved(order) && !newarena(order)) {
		unlock(&pool.lock);
		return 0;
	}
	uintptr_t lo = pool.arena[order].next;
	pool.arena[order].next += stackreserved(order);
	unlock(&pool.lock);
	store_rlx(&guardkind, os_guard((void *)lo, STACK_GUARD));
	(void)VALGRIND_STACK_REGISTER(lo + STACK_GUARD, lo + stackreserved(order));
	return lo;
}

/* Move up to STACK_CACHE free stacks from the pool to the P; returns one for the caller, or 0. */
static uintptr_t refill(struct p *pp, uint8_t order)
{
	if (load_rlx(&pool.free[order]) == 0)
		return 0;
	lock(&pool.lock);
	uintptr_t lo = pool.free[order];
	if (lo)
		pool.free[order] = *linkof(lo, order);
	while (pp && pool.free[order] && pp->stacks[order].n < STACK_CACHE / 2) {
		uintptr_t s = pool.free[order];
		pool.free[order] = *linkof(s, order);
		*linkof(s, order) = pp->stacks[order].head;
		pp->stacks[order].head = s;
		pp->stacks[order].n++;
	}
	unlock(&pool.lock);
	return lo;
}

/* TSan's builds (SAN_KEPT): no caches, one list for all. A large stack is not kept back for as long: addresses are scarce. */
static uintptr_t oldest(uint8_t order)
{
	lock(&pool.lock);
	uintptr_t lo = pool.n[order] > (uint32_t)SAN_KEPT >> order ? pool.free[order] : 0;
	if (lo) {
		pool.free[order] = *linkof(lo, order);
		pool.n[order]--;
	}
	unlock(&pool.lock);
	return lo;
}

static void putlast(uintptr_t lo, uint8_t order)
{
	lock(&pool.lock);
	*linkof(lo, order) = 0;
	*(pool.free[order] ? linkof(pool.last[order], order) : &pool.free[order]) = lo;
	pool.last[order] = lo;
	pool.n[order]++;
	unlock(&pool.lock);
}

struct stack stackalloc(struct p *pp, uint8_t order)
{
	uintptr_t lo = 0;
	if (SAN_THREAD)
		lo = oldest(order);
	else if (!FRESH && pp && (lo = pp->stacks[order].head)) {
		pp->stacks[order].head = *linkof(lo, order);
		pp->stacks[order].n--;
	}
	if (!SAN_THREAD && !FRESH && !lo)
		lo = refill(pp, order);
	if (!lo)
		lo = cut(order);
	if (!lo)
		fatal_os("no memory for a goroutine's stack", ENOMEM,
		         "see GARN_STACK for smaller stacks, and " MEMORY_LIMITS);
	struct stack s = { lo + STACK_GUARD, lo + stackreserved(order) };
	if (FRESH && !SAN_THREAD) /* TSan would say that g0 writes there */
		memset((void *)(s.hi - POISON), 0xdb, POISON);
	return s;
}

/* Half of a full cache goes to the pool. */
static noinline void spill(struct p *pp, uint8_t order, uint32_t keep)
{
	lock(&pool.lock);
	while (pp->stacks[order].n > keep) {
		uintptr_t lo = pp->stacks[order].head;
		pp->stacks[order].head = *linkof(lo, order);
		pp->stacks[order].n--;
		*linkof(lo, order) = pool.free[order];
		store_rlx(&pool.free[order], lo);
	}
	unlock(&pool.lock);
}

void stackfree(struct p *pp, struct stack s, uint8_t order)
{
	uintptr_t lo = s.lo - STACK_GUARD;
	if (FRESH) {
		os_munmap((void *)lo, stackreserved(order)); /* a pointer that outlived its frame faults */
		return;
	}
	if (SAN_THREAD) {
		putlast(lo, order);
		return;
	}
	if (unlikely(pp->stacks[order].n >= STACK_CACHE))
		spill(pp, order, STACK_CACHE / 2);
	*linkof(lo, order) = pp->stacks[order].head;
	pp->stacks[order].head = lo;
	pp->stacks[order].n++;
}

void stackcache_flush(struct p *pp)
{
	for (uint8_t order = 0; order < STACK_ORDERS; order++)
		spill(pp, order, 0);
}

const char *stackguardkind(void)
{
	switch (load_rlx(&guardkind)) {
	case GUARD_MARKER: return "markers";
	case GUARD_PROTECT: return "protected pages";
	default: return "none";
	}
}
