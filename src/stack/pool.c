/* The global pool of stacks, in blocks of 2 MB, which is what one page table covers.
 *
 * A block is 16, 8, 4 or 2 stacks of one order, or a larger one begins there. Stacks are taken from blocks that are in use, so
 * that others become free as a whole. What nobody has used for a second goes back to the kernel (stackscavenge): of a block with
 * stacks in use the pages of the free ones; a block that is free as a whole is mapped anew, so that its page table goes as well. (Guard
 * markers hold on to it: MADV_DONTNEED leaves it there.)
 *
 * The lists of an order, by what a block has (listof):
 *
 *   FREE    all its stacks, some with pages     [poolput]            in order of time, the latest last
 *   DIRTY   some of them, some with pages       [pooltake, poolput]  the same
 *   CLEAN   some of them, none with pages       [stackscavenge]
 *   BLANK   all, nothing but addresses          [newarena, stackscavenge]
 *   none    nothing: all stacks are out, or what it has is in stackscavenge's hands
 *
 * An arena of 256 MB that is blank as a whole is unmapped, and the page that describes its blocks goes.
 *
 * Ps bring and fetch stacks in batches, and one that is soon fetched again need not be taken apart: some of each order stay as they came, and the latest
 * is fetched first. When nobody has fetched the first of them for a second, its stacks go to their blocks.
 *
 *  1. A stack is in one place: with a g, in a P's cache, in a batch, in the scavenger's hands, or in its block: then its bit of `in` is set.
 *  2. The bit of `guarded` is set once whoever took the stack is to make its guard, and until the block is mapped anew.
 *  3. A bit of `clean` is set only where that of `in` is: the stack has no page. All of them together only after the block was mapped
 *     anew, as the last stack to come in has pages.
 *
 * Go gives stacks of 32 KB and more back at each collection, descriptors never. Rejected: munmap of the cold ones, the holes of
 * which count against vm.max_map_count; the pages alone, which leaves 522 bytes of page table a stack. */

#include "stack/pool.h"
#include "core/lock.h"
#include "core/throw.h"
#include "os/os.h"
#include "stack/pack.h"
#include <string.h>

enum { BLOCK = STACK_BLOCK, ARENA = 256 << 20, TOP_BITS = 13, LEAF_BITS = 13, BLOCK_BITS = STACK_BLOCK_BITS, ARENA_BITS = 28, BATCHES = 64 };
static const uint32_t COLD_MS = HARD ? 20 : 1000;

enum list { FREE, DIRTY, CLEAN, BLANK, NLISTS, NONE = NLISTS };

struct block {
	struct block *next, *prev;
	uint32_t number; /* I: its address, in blocks */
	uint32_t since;  /* when a stack last came back, in ms */
	uint16_t in, guarded, clean;
	uint8_t order;   /* I */
	uint8_t list;
};

_Static_assert(ARENA / BLOCK * sizeof(struct block) == STACK_PAGE, "the blocks of an arena fill a page of the table");

static struct {
	struct lock lock;
	struct block *table[1 << TOP_BITS]; /* L: by address; leaves are made when needed */
	struct arena {
		uint8_t blank;  /* how many of its blocks are in BLANK */
		uint8_t of;     /* the order, plus 1; 0: there is no whole one here */
	} arena[1 << (BLOCK_BITS + LEAF_BITS + TOP_BITS - ARENA_BITS)]; /* L: by address */
	struct order {
		struct block *first[NLISTS], *last[NLISTS];
		uintptr_t next, end;    /* of the arena: not cut yet */
		struct { uintptr_t first; uint32_t since; } batch[BATCHES];
		uint32_t nbatches;
		struct stackcount count;
	} order[STACK_ORDERS];          /* L */
} pool;

void poolinit(void)
{
	lockinit(&pool.lock, RANK_STACK);
}

/* ---- Blocks and lists ---------------------------------------------------------------------------- */

static uint32_t stacksin(uint8_t order)
{
	return (size_t)STACK_MIN << order < BLOCK ? BLOCK / ((uint32_t)STACK_MIN << order) : 1;
}

/* From one block of that order to the next, in blocks. */
static uint32_t step(uint8_t order)
{
	size_t one = (size_t)STACK_MIN << order;
	return one < BLOCK ? 1 : (uint32_t)(one / BLOCK);
}

static uint16_t allof(uint8_t order)
{
	return (uint16_t)((1u << stacksin(order)) - 1);
}

/* Null when there is no memory for it; never for a block there is. Holds: pool.lock. */
static struct block *blockat(uintptr_t addr)
{
	struct block **leaf = &pool.table[addr >> (BLOCK_BITS + LEAF_BITS)];
	if (unlikely(!*leaf))
		*leaf = os_mmap(sizeof(struct block) << LEAF_BITS);
	return *leaf ? &(*leaf)[addr >> BLOCK_BITS & ((1u << LEAF_BITS) - 1)] : NULL;
}

static uintptr_t lowof(struct block *b, uint32_t i)
{
	return ((uintptr_t)b->number << BLOCK_BITS) + i * ((uintptr_t)STACK_MIN << b->order);
}

static enum list listof(struct block *b)
{
	if (!b->in)
		return NONE;
	bool pages = b->in != b->clean;
	if (b->in == allof(b->order))
		return pages ? FREE : BLANK;
	return pages ? DIRTY : CLEAN;
}

static struct arena *arenaof(struct block *b)
{
	return &pool.arena[b->number >> (ARENA_BITS - BLOCK_BITS)];
}

static void leave(struct block *b)
{
	struct order *o = &pool.order[b->order];
	if (b->list == NONE)
		return;
	*(b->prev ? &b->prev->next : &o->first[b->list]) = b->next;
	*(b->next ? &b->next->prev : &o->last[b->list]) = b->prev;
	if (b->list == BLANK)
		arenaof(b)->blank--;
	b->list = NONE;
}

/* Where it belongs now. Holds: pool.lock. */
static void place(struct block *b)
{
	struct order *o = &pool.order[b->order];
	enum list list = listof(b);
	if (list != NONE && o->last[list] == b)
		return;
	leave(b);
	b->list = (uint8_t)list;
	if (list == NONE)
		return;
	if (list == BLANK)
		arenaof(b)->blank++;
	b->next = NULL;
	b->prev = o->last[b->list];
	*(b->prev ? &b->prev->next : &o->first[b->list]) = b;
	o->last[b->list] = b;
}

/* ---- Taking and putting -------------------------------------------------------------------------- */

/* Addresses, n bytes at a multiple of align; 0 when there are none. */
static uintptr_t reserve(size_t n, size_t align)
{
	uintptr_t p = (uintptr_t)os_reserve(n + align - STACK_PAGE), at = (p + align - 1) & -align;
	if (!p)
		return 0;
	if (at > p)
		os_munmap((void *)p, at - p);
	if (p + align - STACK_PAGE > at)
		os_munmap((void *)(at + n), p + align - STACK_PAGE - at);
	return at;
}

/* Holds: pool.lock. */
static bool newarena(uint8_t order, size_t one)
{
	struct order *o = &pool.order[order];
	for (size_t n = one > ARENA ? one : ARENA; n >= one && n >= BLOCK; n /= 2) {
		uintptr_t p = reserve(n, n == ARENA ? ARENA : BLOCK);
		if (!p)
			continue;
		o->next = p;
		o->end = p + n;
		if (n == ARENA)
			pool.arena[p >> ARENA_BITS].of = (uint8_t)(order + 1);
		return true;
	}
	return false;
}

/* b is a block, at that address, that nobody has used. Holds: pool.lock. */
static void blank(struct block *b, uintptr_t at, uint8_t order)
{
	b->number = (uint32_t)(at >> BLOCK_BITS);
	b->order = order;
	b->list = NONE;
	b->in = b->clean = allof(order);
	b->guarded = 0; /* HARD builds unmap stacks, and the addresses come again */
	pool.order[order].count.cut += stacksin(order);
	pool.order[order].count.clean += stacksin(order);
}

/* A block nobody has used; null when there is no address space. Holds: pool.lock. */
static struct block *newblock(uint8_t order)
{
	struct order *o = &pool.order[order];
	size_t one = (size_t)STACK_MIN << order, n = one < BLOCK ? BLOCK : one;
	if (o->end - o->next < n && !newarena(order, n))
		return NULL;
	struct block *b = blockat(o->next);
	if (!b)
		return NULL;
	blank(b, o->next, order);
	o->next += n;
	return b;
}

static void out(struct stackcount *c, uint32_t n)
{
	c->out += n;
	if (c->out > c->most)
		c->most = c->out;
}

/* Take one stack out of b. Holds: pool.lock. */
static uintptr_t takefrom(struct block *b, bool *bare)
{
	struct stackcount *c = &pool.order[b->order].count;
	uint32_t i = (uint32_t)__builtin_ctz(b->in & ~b->clean ? b->in & ~b->clean : b->in);
	uint16_t bit = (uint16_t)(1u << i);
	*bare = !(b->guarded & bit);
	c->clean -= !!(b->clean & bit);
	b->in &= (uint16_t)~bit;
	b->clean &= (uint16_t)~bit;
	b->guarded |= bit;
	out(c, 1);
	return lowof(b, i);
}

/* From which list: so that what is cold stays so. Holds: pool.lock. */
static struct block *best(struct order *o, bool warm)
{
	struct block *b = o->last[DIRTY] ? o->last[DIRTY] : o->last[FREE];
	if (!b && !warm)
		b = o->last[CLEAN] ? o->last[CLEAN] : o->last[BLANK];
	return b;
}

uintptr_t pooltake(uint8_t order, bool *bare)
{
	uintptr_t lo = 0;
	lock(&pool.lock);
	struct block *b = best(&pool.order[order], false);
	if (!b)
		b = newblock(order);
	if (b) {
		lo = takefrom(b, bare);
		place(b);
	}
	unlock(&pool.lock);
	return lo;
}

uint32_t pooltakewarm(uint8_t order, uintptr_t *lo, uint32_t n)
{
	struct order *o = &pool.order[order];
	struct block *b;
	uint32_t i = 0;
	bool bare;
	if (!load_rlx(&o->last[DIRTY]) && !load_rlx(&o->last[FREE]))
		return 0;
	lock(&pool.lock);
	for (; i < n && (b = best(o, true)); i++) {
		lo[i] = takefrom(b, &bare);
		place(b);
	}
	unlock(&pool.lock);
	return i;
}

static uint32_t ms(int64_t ns)
{
	return (uint32_t)(ns / 1000000);
}

/* Holds: pool.lock. */
static void putone(uint8_t order, uintptr_t lo, uint32_t since)
{
	struct block *b = blockat(lo);
	b->in |= (uint16_t)(1u << (lo - lowof(b, 0)) / ((uintptr_t)STACK_MIN << order));
	b->since = since;
	place(b);
}

void poolput(uint8_t order, const uintptr_t *lo, uint32_t n)
{
	uint32_t now = ms(load_rlx(&sched.coarsenow));
	lock(&pool.lock);
	pool.order[order].count.out -= n;
	for (uint32_t i = 0; i < n; i++)
		putone(order, lo[i], now);
	unlock(&pool.lock);
}

/* Holds: pool.lock. */
static void takeapart(uint8_t order, uintptr_t lo, uint32_t since)
{
	for (uintptr_t next; lo; lo = next) {
		next = *stacklink(lo, order);
		putone(order, lo, since);
	}
}

void poolputbatch(uint8_t order, uintptr_t first)
{
	uint32_t now = ms(load_rlx(&sched.coarsenow));
	struct order *o = &pool.order[order];
	lock(&pool.lock);
	o->count.out -= STACK_BATCH;
	if (o->nbatches < BATCHES) {
		o->batch[o->nbatches].first = first;
		o->batch[o->nbatches].since = now;
		store_rlx(&o->nbatches, o->nbatches + 1);
	} else {
		takeapart(order, first, now);
	}
	unlock(&pool.lock);
}

uintptr_t pooltakebatch(uint8_t order)
{
	struct order *o = &pool.order[order];
	uintptr_t first = 0;
	if (load_rlx(&o->nbatches) == 0)
		return 0;
	lock(&pool.lock);
	if (o->nbatches > 0) {
		store_rlx(&o->nbatches, o->nbatches - 1);
		first = o->batch[o->nbatches].first;
		out(&o->count, STACK_BATCH);
	}
	unlock(&pool.lock);
	return first;
}

/* ---- Giving back --------------------------------------------------------------------------------- */

/* A batch that nobody has fetched for long is taken apart. Holds: pool.lock. */
static bool coldbatch(uint32_t now, bool *later)
{
	for (uint8_t order = 0; order < STACK_ORDERS; order++) {
		struct order *o = &pool.order[order];
		if (o->nbatches == 0)
			continue;
		*later = true;
		if (now - o->batch[0].since < COLD_MS)
			continue;
		takeapart(order, o->batch[0].first, now);
		store_rlx(&o->nbatches, o->nbatches - 1);
		memmove(&o->batch[0], &o->batch[1], o->nbatches * sizeof o->batch[0]);
		return true;
	}
	return false;
}

/* The block that has been cold for longest, and what of it is to be cleaned, which is out then. Null when none is cold; *later: one will be.
 * Holds: pool.lock. */
static struct block *takecold(uint32_t now, uint16_t *which, bool *later)
{
	for (int order = 0; order < STACK_ORDERS; order++)
		for (int list = FREE; list <= DIRTY; list++) {
			struct block *b = pool.order[order].first[list];
			if (!b)
				continue;
			*later = true;
			if (now - b->since < COLD_MS)
				continue;
			*which = list == FREE ? b->in : b->in & (uint16_t)~b->clean;
			pool.order[order].count.clean -= __builtin_popcount(b->clean & *which);
			b->in &= (uint16_t)~*which;
			b->clean &= b->in;
			place(b);
			return b;
		}
	return NULL;
}

/* Nobody else has these stacks. False: they are lost. */
static bool giveback(struct block *b, uint16_t which)
{
	size_t one = (size_t)STACK_MIN << b->order;
	if (which == allof(b->order))
		return os_renew((void *)lowof(b, 0), one < BLOCK ? BLOCK : one);
	for (uint32_t i = 0; i < stacksin(b->order); i++)
		if (which >> i & 1)
			os_unused((void *)(lowof(b, i) + STACK_GUARD), one - STACK_GUARD);
	return true;
}

/* Holds: pool.lock. */
static void putclean(struct block *b, uint16_t which)
{
	struct stackcount *c = &pool.order[b->order].count;
	b->in |= which;
	b->clean |= which;
	if (which == allof(b->order)) {
		os_guardsgone((uint32_t)__builtin_popcount(b->guarded));
		b->guarded = 0;
	}
	c->clean += __builtin_popcount(which);
	c->returned += __builtin_popcount(which);
	place(b);
}

static bool wholeblank(struct block *b)
{
	struct arena *a = arenaof(b);
	return a->of && a->blank == ARENA / BLOCK / step(b->order);
}

/* The arena of b, which is blank as a whole, is in the caller's hands; its first block comes back. Holds: pool.lock. */
static struct block *takearena(struct block *b)
{
	struct order *o = &pool.order[b->order];
	struct block *first = blockat(lowof(b, 0) & -(uintptr_t)ARENA);
	arenaof(b)->of = 0;
	for (uint32_t i = 0; i < ARENA / BLOCK; i += step(b->order)) {
		leave(&first[i]);
		o->count.cut -= stacksin(b->order);
		o->count.clean -= stacksin(b->order);
	}
	return first;
}

/* Holds: pool.lock. */
static void putarena(struct block *first, uintptr_t at, uint8_t order)
{
	pool.arena[at >> ARENA_BITS].of = (uint8_t)(order + 1);
	for (uint32_t i = 0; i < ARENA / BLOCK; i += step(order)) {
		blank(&first[i], at + (uintptr_t)i * BLOCK, order);
		place(&first[i]);
	}
}

/* Nobody else has this arena. What is noted of it goes first: once it is unmapped the addresses may come again. Where the kernel refuses (a
 * mapping too many, when it would split one) the arena is as it was. */
static void droparena(struct block *first)
{
	uintptr_t at = lowof(first, 0);
	uint8_t order = first->order;
	os_unused(first, (ARENA / BLOCK) * sizeof *first);
	packforget(at, ARENA);
	if (os_munmap((void *)at, ARENA))
		return;
	lock(&pool.lock);
	putarena(first, at, order);
	unlock(&pool.lock);
}

/* What the kernel does happens without the lock. A block that could not be mapped anew is never used again: its addresses may be
 * somebody else's by now. */
bool stackscavenge(int64_t now, bool *later)
{
	struct block *arena = NULL;
	uint16_t which = 0;
	if (SAN_THREAD || RUNNING_ON_VALGRIND) /* it would take a stack for another */
		return false;
	lock(&pool.lock);
	bool apart = coldbatch(ms(now), later);
	struct block *b = apart ? NULL : takecold(ms(now), &which, later);
	unlock(&pool.lock);
	if (!b)
		return apart;
	if (!giveback(b, which))
		return true;
	lock(&pool.lock);
	putclean(b, which);
	if (wholeblank(b))
		arena = takearena(b);
	unlock(&pool.lock);
	if (arena)
		droparena(arena);
	return true;
}

void stackcounts(uint8_t order, struct stackcount *out)
{
	lock(&pool.lock);
	*out = pool.order[order].count;
	unlock(&pool.lock);
}
