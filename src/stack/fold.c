/* Folding: where all stacks of a block of 2 MB are packed, the page table that their markers hold on to costs more than what is kept of them.
 * So the block is mapped anew, without access (os/away.c), and the table goes. It is unfolded, which makes all its markers again, when the first of
 * its stacks comes back; and when somebody touches what lies far below a packed stack's live part, which is legal and reads as zero.
 *
 *   1. A block's count is that of its stacks which are packed: foldin and foldout, under the lock of pack.c. It is folded only while that is all of them.
 *      So the pool has nothing in it then, no g runs on it, and the saved stack pointers that say what of each stack is gone stay as they are.
 *      All stacks of a block are of one order (pool.c).
 *   2. Folded and unfolded look the same to who touches a packed stack: a fault, and the handler comes to stackunpack, which waits for
 *      the lock. The markers are made while nothing can be touched, and then the block is opened.
 *   3. A fold is a hole among mappings, unless its neighbours are folded: so they are counted, and are not made past a limit (os_mostholes). What is
 *      refused stays as it was.
 *   4. Unfolding one among folded ones needs two mappings more. Where the program has used them up, its neighbours are unfolded with it, which needs none.
 *   5. Of a stack of more than 2 MB it is the highest block. The table of its guard stays: it was touched once, for itself alone.
 *
 * Rejected: folding when the rest of the block is free in the pool (the pool's lock ranks below); putting all stacks of a block back at
 * once (seven others would be packed again, where one had something to do). */

#include "stack/fold.h"
#include "core/hard.h"
#include "core/throw.h"
#include "os/os.h"
#include "stack/pack.h"
#include "stack/stack.h"
#include <errno.h>

enum { BLOCK = STACK_BLOCK, PATIENCE_MS = 10000 };

static uint32_t folded; /* blocks */
static uint64_t ever;   /* so often one was */
static int32_t holes;   /* runs of folded blocks */

static size_t sizeofstack(const struct fold *f)
{
	return stackreserved(f->order) < BLOCK ? stackreserved(f->order) : BLOCK;
}

static uintptr_t blockof(uintptr_t addr)
{
	return addr & -(uintptr_t)BLOCK;
}

static bool isfolded(uintptr_t addr)
{
	struct fold *f = foldat(addr);
	return f && f->folded;
}

/* So many holes more there are if this block is one. */
static int32_t asahole(uintptr_t block)
{
	return 1 - isfolded(block - 1) - isfolded(block + BLOCK);
}

/* A trace would want what is not back. */
void notback(void)
{
	fatal_os_bare("no memory to bring back the stack of a goroutine", ENOMEM, "see " MEMORY_LIMITS);
}

/* All stacks here are packed: nothing of what is gone is there when it is opened, nor are the guards. */
static bool markall(uintptr_t block)
{
	struct fold *f = foldat(block);
	size_t size = sizeofstack(f);
	bool ok = stackreserved(f->order) > BLOCK || os_mark((void *)block, STACK_GUARD);
	for (uintptr_t hi = block + size; ok && hi <= block + BLOCK; hi += size) {
		struct g *gp = packowner(hi - 1);
		uintptr_t lo = gp->sched.sp & -(uintptr_t)STACK_PAGE;
		ok = os_mark((void *)lo, hi - lo + (hi < block + BLOCK ? STACK_GUARD : 0));
	}
	return ok;
}

static bool openblocks(uintptr_t lo, uintptr_t hi)
{
	bool ok = true;
	os_unfolding((void *)lo, hi - lo);
	for (uintptr_t block = lo; ok && block < hi; block += BLOCK)
		ok = markall(block);
	hard_pause();
	if (!ok || !os_unfold((void *)lo, hi - lo))
		return false;
	for (uintptr_t block = lo; block < hi; block += BLOCK)
		if (isfolded(block)) {
			foldat(block)->folded = false;
			folded--;
			holes -= asahole(block);
		}
	return true;
}

/* This one, and if need be what is folded beside it. */
static void openblock(uintptr_t block)
{
	for (int i = 0; i < PATIENCE_MS; i++) {
		uintptr_t lo = block, hi = block + BLOCK;
		if (openblocks(lo, hi))
			return;
		while (isfolded(lo - 1))
			lo -= BLOCK;
		while (isfolded(hi))
			hi += BLOCK;
		if (openblocks(lo, hi))
			return;
		os_usleep(1000);
	}
	notback();
}

static void fold(uintptr_t block, struct fold *f)
{
	int32_t more = asahole(block);
	if (holes + more > (int32_t)os_mostholes() || !os_mayfold())
		return;
	if (!os_fold((void *)block, BLOCK)) {
		openblock(block);
		return;
	}
	f->folded = true;
	store_rlx(&f->been, true);
	folded++;
	ever++;
	holes += more;
}

bool unfold(uintptr_t addr)
{
	bool is = isfolded(addr);
	if (is)
		openblock(blockof(addr));
	return is;
}

void foldin(struct g *gp)
{
	uintptr_t block = blockof(gp->stack.hi - 1);
	struct fold *f = foldat(block);
	store_rlx(&f->order, gp->stackorder);
	if (++f->packed == BLOCK / sizeofstack(f))
		fold(block, f);
}

void foldout(struct g *gp)
{
	uintptr_t block = blockof(gp->stack.hi - 1);
	unfold(block);
	foldat(block)->packed--;
}

bool foldable(uintptr_t addr)
{
	struct fold *f = foldat(addr);
	if (!f || !load_rlx(&f->been))
		return false;
	size_t size = stackreserved(load_rlx(&f->order));
	return size > BLOCK || (addr & (size - 1)) >= STACK_GUARD;
}

uint32_t nfolded(uint64_t *folds)
{
	*folds = ever;
	return folded;
}
