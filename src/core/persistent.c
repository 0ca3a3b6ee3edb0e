/* Memory for what is made in great numbers and never given back: descriptors of goroutines, start records, sudogs,
 * timers, batches of the run queue. Callers ask for slabs of some ten kilobytes and cut them up.
 *
 * A program with few goroutines gets it a chunk at a time and touches it page by page. One that has filled FEW bytes is
 * going to need more, and gets huge pages: a page fault costs more than all the rest of starting a goroutine, and a million
 * of them wait in some hundred thousand small pages.
 *
 * What is left of a chunk when the next is begun is lost: less than a slab.
 *
 * Go's persistentalloc has chunks of 256 KB, and leaves huge pages to the kernel. */

#include "core/persistent.h"
#include "core/lock.h"
#include "core/throw.h"
#include "os/os.h"

enum { CHUNK = 256 << 10, FEW = 4 << 20 };

static struct {
	struct lock lock;
	char *at, *end; /* L: what is left of the last chunk */
	size_t total;   /* L: bytes in all chunks */
} arena = { .lock = LOCKINIT(RANK_LEAF) };

/* Holds arena.lock. */
static bool grow(size_t n)
{
	size_t size = arena.total < FEW ? CHUNK : OS_HUGEPAGE;
	char *p = size < n ? NULL : size == OS_HUGEPAGE ? os_mmaphuge(true) : os_mmap(size);
	if (!p) {
		size = n; /* the last that there is, or a large piece */
		p = os_mmap(size);
	}
	if (!p)
		return false;
	arena.at = p;
	arena.end = p + size;
	arena.total += size;
	return true;
}

void *persistentalloc(size_t n)
{
	void *p = NULL;
	assert_rt(n % CACHELINE == 0);
	lock(&arena.lock);
	if ((size_t)(arena.end - arena.at) >= n || grow(n)) {
		p = arena.at;
		arena.at += n;
	}
	unlock(&arena.lock);
	return p;
}
