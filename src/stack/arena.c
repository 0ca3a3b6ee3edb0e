/* Memory for what is kept of packed stacks: pieces of up to 8 KB, in size classes 32 bytes apart.
 *
 * It comes in regions of 2 MB, which are never given up, cut into chunks of 64 KB. A chunk has pieces of one class. One that has no piece in use any
 * more gives its pages back and may become another class's. The first page of a region describes its chunks: so
 * what describes a chunk is not in its pages, and a piece has no head.
 *
 *   1. A chunk is in one list: free, or open (of its class, some pieces in use and some not), or none when it is full.
 *   2. Pieces are taken from what was put back last, else from what was never cut: pages come into being one by one.
 *   3. No lock is taken here and nothing but pieces is touched: fault handlers come here, whatever the faulting code holds.
 *
 * Rejected: malloc, which fault handlers must not call; the pages of the stacks themselves, several to one, with mremap: a mapping each. */

#include "stack/arena.h"
#include "core/throw.h"
#include "os/os.h"

enum { CHUNK = 64 << 10, CHUNKS = OS_HUGEPAGE / CHUNK, CLASSES = ARENA_MOST / ARENA_STEP, HEAD = 4096 };

struct chunk {
	struct chunk *next, *prev;
	void *back;        /* pieces put back: each begins with a pointer to the next */
	uint16_t used;     /* pieces in use */
	uint16_t cut;      /* pieces that were ever in use since the chunk was free */
	uint16_t class;    /* of 32, 64, ... bytes */
};
_Static_assert(sizeof(struct chunk) * CHUNKS <= HEAD, "a region's first page has room for all");

/* All is the caller's lock's. */
static struct chunk *freechunks, *open[CLASSES];
static size_t used;

static struct chunk *chunkof(uintptr_t p)
{
	struct chunk *region = (struct chunk *)(p & -(uintptr_t)OS_HUGEPAGE);
	return region + p % OS_HUGEPAGE / CHUNK;
}

static char *begin(struct chunk *c)
{
	uintptr_t region = (uintptr_t)c & -(uintptr_t)OS_HUGEPAGE, i = ((uintptr_t)c - region) / sizeof *c;
	return (char *)region + (i ? i * CHUNK : HEAD);
}

static uint32_t capacity(struct chunk *c)
{
	uint32_t i = (uint32_t)((uintptr_t)c % OS_HUGEPAGE / sizeof *c);
	return (CHUNK - (i ? 0 : HEAD)) / ((c->class + 1u) * ARENA_STEP);
}

static void enter(struct chunk **list, struct chunk *c)
{
	c->prev = NULL;
	c->next = *list;
	if (c->next)
		c->next->prev = c;
	*list = c;
}

static void leave(struct chunk **list, struct chunk *c)
{
	*(c->prev ? &c->prev->next : list) = c->next;
	if (c->next)
		c->next->prev = c->prev;
}

static bool newregion(void)
{
	struct chunk *c = os_mmapaligned(OS_HUGEPAGE, false);
	if (!c)
		return false;
	for (uint32_t i = CHUNKS; i > 0; i--)
		enter(&freechunks, &c[i - 1]);
	return true;
}

static struct chunk *newchunk(uint16_t class)
{
	if (!freechunks && !newregion())
		return NULL;
	struct chunk *c = freechunks;
	leave(&freechunks, c);
	c->back = NULL;
	c->used = c->cut = 0;
	c->class = class;
	enter(&open[class], c);
	return c;
}

void *arenaget(size_t n)
{
	uint16_t class = (uint16_t)((n + ARENA_STEP - 1) / ARENA_STEP - 1);
	assert_rt(class < CLASSES);
	struct chunk *c = open[class] ? open[class] : newchunk(class);
	if (!c)
		return NULL;
	void *p = c->back;
	if (p)
		c->back = *(void **)p;
	else
		p = begin(c) + c->cut++ * (class + 1u) * ARENA_STEP;
	if (++c->used == capacity(c))
		leave(&open[class], c);
	used += (class + 1u) * ARENA_STEP;
	return p;
}

void arenaput(void *p, size_t n)
{
	struct chunk *c = chunkof((uintptr_t)p);
	assert_rt(c->used > 0 && (n + ARENA_STEP - 1) / ARENA_STEP == c->class + 1u);
	(void)n;
	if (c->used-- == capacity(c))
		enter(&open[c->class], c);
	*(void **)p = c->back;
	c->back = p;
	used -= (c->class + 1u) * ARENA_STEP;
	if (c->used > 0)
		return;
	leave(&open[c->class], c);
	os_unused(begin(c), CHUNK - ((uintptr_t)begin(c) % OS_HUGEPAGE == HEAD ? HEAD : 0));
	enter(&freechunks, c);
}

size_t arenaused(void)
{
	return used;
}
