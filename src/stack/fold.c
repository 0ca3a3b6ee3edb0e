/* Folding: where all stacks of a block of 2 MB are packed, the page table that their markers hold on to costs more than what is kept of them.
 * So the block is mapped anew, without access (os/away.c), and the table goes. It is unfolded, which makes all its markers again, when the first of
 * its stacks comes back; and when somebody touches what lies below a packed stack's live part, which is legal and reads as zero.
 *
 *   1. A block's count is that of its stacks which are packed: foldin and foldout, under the lock of pack.c. It is folded only while that is all of them.
 *      So the pool has nothing in it then, no g runs on it, and the saved stack pointers that say what of each stack is gone stay as they are.
 *   2. Folded and unfolded look the same to who touches a packed stack: a fault, and the handler comes to stackunpack, which waits for
 *      the lock. The markers are made while nothing can be touched, and then the block is opened.
 *   3. A fold is a hole among mappings, unless its neighbours are folded: so they are counted, and are not made past a limit (os_mostholes). What is
 *      refused stays as it was.
 *   4. Of a stack of more than 2 MB it is the highest block. The table of its guard stays: it was touched once, for itself alone.
 *
 * Rejected: folding when the rest of the block is free in the pool (the pool's lock ranks below); a longer run at once (an arena of 256 MB has 128 tables,
 * and one more). */

#include "stack/fold.h"
#include "core/hard.h"
#include "core/throw.h"
#include "os/os.h"
#include "stack/pack.h"
#include "stack/stack.h"
#include <errno.h>

enum { BLOCK = 2 << 20, BLOCK_BITS = 21, LEAF_BITS = 13, TOP_BITS = 13 };

struct fold {
	uint8_t order;  /* A, written under the lock: of the last stack that was packed here, plus 1; 0: there was none */
	uint8_t packed;
	bool folded;
};

static struct fold *table[1 << TOP_BITS]; /* A[FO]: leaves are made once and never freed */
static uint32_t folded;
static uint64_t ever; /* so often one was */
static int32_t holes; /* runs of folded blocks */

static struct fold *at(uintptr_t addr)
{
	uintptr_t i = addr >> (BLOCK_BITS + LEAF_BITS);
	struct fold *leaf = i < nelem(table) ? load_acq(&table[i]) : NULL; // acq[FO]
	return leaf ? &leaf[addr >> BLOCK_BITS & ((1 << LEAF_BITS) - 1)] : NULL;
}

/* Two threads may make the same leaf: one of them wins. */
bool foldown(struct g *gp)
{
	enum { SIZE = sizeof(struct fold) << LEAF_BITS };
	struct fold *leaf;
	if (likely(at(gp->stack.hi - 1)))
		return true;
	if ((leaf = os_mmap(SIZE)) && !cas_acqrel(&table[(gp->stack.hi - 1) >> (BLOCK_BITS + LEAF_BITS)], NULL, leaf)) // acqrel[FO]
		os_munmap(leaf, SIZE);
	return leaf != NULL;
}

static size_t sizeofstack(const struct fold *f)
{
	size_t n = stackreserved((uint8_t)(f->order - 1));
	return n < BLOCK ? n : BLOCK;
}

static uintptr_t blockof(uintptr_t addr)
{
	return addr & -(uintptr_t)BLOCK;
}

/* How many holes less there would be if this block were not folded, or more if it were. */
static int32_t asahole(uintptr_t block)
{
	struct fold *before = at(block - 1), *after = at(block + BLOCK);
	return 1 - (before && before->folded) - (after && after->folded);
}

/* All stacks here are packed: nothing of what is gone is there when it is opened, nor are the guards. */
static bool markall(uintptr_t block, struct fold *f)
{
	size_t size = sizeofstack(f);
	bool whole = stackreserved((uint8_t)(f->order - 1)) <= BLOCK;
	bool ok = !whole || os_mark((void *)block, STACK_GUARD);
	for (uintptr_t hi = block + size; ok && hi <= block + BLOCK; hi += size) {
		struct g *gp = packowner(hi - 1);
		uintptr_t lo = gp->sched.sp & -(uintptr_t)STACK_PAGE;
		ok = os_mark((void *)lo, hi - lo + (hi < block + BLOCK ? STACK_GUARD : 0));
	}
	return ok;
}

static void openblock(uintptr_t block, struct fold *f)
{
	bool ok = markall(block, f);
	hard_pause();
	if (!ok || !os_unfold((void *)block, BLOCK))
		fatal_os_bare(NOTBACK, ENOMEM, "see " MEMORY_LIMITS);
}

static void fold(uintptr_t block, struct fold *f)
{
	int32_t more = asahole(block);
	if (holes + more > (int32_t)os_mostholes())
		return;
	if (!os_fold((void *)block, BLOCK)) {
		openblock(block, f);
		return;
	}
	f->folded = true;
	folded++;
	ever++;
	holes += more;
}

bool unfold(uintptr_t addr)
{
	struct fold *f = at(addr);
	if (!f || !f->folded)
		return false;
	uintptr_t block = blockof(addr);
	openblock(block, f);
	f->folded = false;
	folded--;
	holes -= asahole(block);
	return true;
}

void foldin(struct g *gp)
{
	uintptr_t block = blockof(gp->stack.hi - 1);
	struct fold *f = at(block);
	store_rlx(&f->order, (uint8_t)(gp->stackorder + 1));
	if (++f->packed == BLOCK / sizeofstack(f))
		fold(block, f);
}

void foldout(struct g *gp)
{
	uintptr_t block = blockof(gp->stack.hi - 1);
	unfold(block);
	at(block)->packed--;
}

bool foldable(uintptr_t addr)
{
	struct fold *f = at(addr);
	uint8_t order = f ? load_rlx(&f->order) : 0;
	return order && (stackreserved((uint8_t)(order - 1)) > BLOCK || (addr & (stackreserved((uint8_t)(order - 1)) - 1)) >= STACK_GUARD);
}

uint32_t nfolded(uint64_t *folds)
{
	*folds = ever;
	return folded;
}
