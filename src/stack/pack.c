/* Packing: the stack of a goroutine that waits is put away, all of it but its addresses.
 *
 * What is live on it, from the saved stack pointer to the top of its first frame, is copied to the arena (arena.c), but for its zeros; the pages it
 * lies in go behind guard markers (os/away.c); the pages below hold nothing live, and are given back as well. When all stacks of a
 * block are packed it is folded (fold.c). Who may do that, and when, is sched/scan.c's matter: here is how.
 *
 *   1. What is live is at most PACK_MOST bytes, and that and the slack and the colour lie in the highest STACK_MIN of the stack.
 *   2. A packed g knows where it was put by sched.pc, which a goroutine's saved context does not use. How much it is follows from
 *      sched.sp, its stack, and what is kept.
 *   3. The table has, for each stack whose g may be packed, that g, from its first run to its end, by the address of its highest STACK_MIN. It is
 *      read without a lock, in fault handlers; leaves are made once and never freed, but for the pages of arenas of stacks that are gone.
 *   4. The guard below the stack, and the bits of the pool, know nothing of all this: a stack is packed only while a g has it.
 *
 * The lock is the last of all ranks: a fault handler may interrupt code that holds any other. It is never held
 * while a stack is touched, and with all signals blocked, so no fault handler finds it held by its own thread. */

#include "stack/pack.h"
#include "core/hard.h"
#include "core/lock.h"
#include "core/throw.h"
#include "os/os.h"
#include "stack/arena.h"
#include "stack/fold.h"
#include "stack/stack.h"
#include <errno.h>

/* One entry for each STACK_MIN of addresses: no two stacks have their top pages in the same. */
enum { UNIT_BITS = 17, LEAF_BITS = 17, TOP_BITS = 13, LEAF = 1 << LEAF_BITS };
_Static_assert(1 << UNIT_BITS == STACK_MIN, "the least stack");
_Static_assert((int)PACK_MOST + STACK_SLACK + 16 * CACHELINE + STACK_PAGE <= (int)PACK_SPAN, "with what is beside it");
_Static_assert((int)PACK_SPAN <= (int)AWAY_MOST && (int)PACK_SPAN <= STACK_MIN - STACK_GUARD, "it can go, and has no guard");

static struct g **table[1 << TOP_BITS]; /* A[PT] */
static struct lock away = LOCKINIT(RANK_PACK); /* of os/away.c, arena.c and fold.c */

const char *packinit(void)
{
	if (SAN_ADDRESS || SAN_THREAD)
		return "not under ASan or TSan, which take SIGSEGV";
	if (asym_slow)
		return "there is no membarrier";
	lock(&away);
	bool can = os_awayinit();
	os_mostholes(); /* which reads a file: not later, on sysmon */
	unlock(&away);
	return can ? NULL : "the kernel has no guard markers (Linux 6.13), or refuses them";
}

/* ---- Whose is it? -------------------------------------------------------------------------------- */

/* Two threads may make the same leaf: one of them wins. */
static noinline struct g **newleaf(struct g ***at)
{
	struct g **leaf = os_mmap(LEAF * sizeof *leaf);
	if (!leaf || cas_acqrel(at, NULL, leaf)) // acqrel[PT]
		return leaf;
	os_munmap(leaf, LEAF * sizeof *leaf);
	return load_acq(at); // acq[PT]
}

static struct g **entry(uintptr_t addr, bool make)
{
	if (addr >> (UNIT_BITS + LEAF_BITS + TOP_BITS) != 0)
		return NULL;
	struct g ***at = &table[addr >> (UNIT_BITS + LEAF_BITS)], **leaf = load_acq(at); // acq[PT]
	if (unlikely(!leaf) && (!make || !(leaf = newleaf(at))))
		return NULL;
	return &leaf[addr >> UNIT_BITS & (LEAF - 1)];
}

bool packown(struct g *gp)
{
	struct g **e = entry(gp->stack.hi - 1, true);
	bool can = e && foldown(gp);
	if (can)
		store_rel(e, gp); // rel[PT]: its stack
	return can;
}

void packdisown(struct g *gp)
{
	store_rlx(entry(gp->stack.hi - 1, false), NULL);
}

void packforget(uintptr_t lo, size_t n)
{
	struct g **e = entry(lo, false);
	if (e)
		os_unused(e, (n >> UNIT_BITS) * sizeof *e);
}

struct g *packowner(uintptr_t addr)
{
	struct g **e = entry(addr, false), *gp = e ? load_acq(e) : NULL; // acq[PT]
	return gp && addr < gp->stack.hi && addr >= gp->stack.hi - PACK_SPAN ? gp : NULL;
}

/* ---- What is kept -------------------------------------------------------------------------------- */

/* Most of what lives on a stack is zero: of a buffer that was never full, of frames that have room for more than they use. So for each 64 words there
 * is one that says which of them are not, and then those. */
enum { GROUP = 64 };

/* A stack that goes or comes: its live words, the pages they lie in, what is kept of them. */
struct live {
	uint64_t *from, *to;
	char *page;
	size_t len;
	uint64_t *copy;
	size_t size;
};

static struct live liveof(struct g *gp)
{
	struct live l = { (uint64_t *)gp->sched.sp, (uint64_t *)stacktop(gp->stack), (char *)(gp->sched.sp & -(uintptr_t)STACK_PAGE), 0, NULL, 0 };
	l.len = (size_t)((char *)gp->stack.hi - l.page);
	return l;
}

/* Bytes that squeeze needs. */
static size_t squeezed(const struct live *l)
{
	size_t words = ((size_t)(l->to - l->from) + GROUP - 1) / GROUP;
	for (const uint64_t *w = l->from; w < l->to; w++)
		words += *w != 0;
	return words * sizeof(uint64_t);
}

static void squeeze(const struct live *l)
{
	uint64_t *out = l->copy;
	for (const uint64_t *w = l->from; w < l->to; w += GROUP) {
		uint64_t *which = out++;
		*which = 0;
		for (unsigned i = 0; i < GROUP && w + i < l->to; i++)
			if (w[i]) {
				*which |= UINT64_C(1) << i;
				*out++ = w[i];
			}
	}
}

/* To a place that stands for page, and is zero. */
static void expand(char *to, void *arg)
{
	struct live *l = arg;
	const uint64_t *in = l->copy;
	ptrdiff_t moved = to - l->page;
	for (uint64_t *w = l->from; w < l->to; w += GROUP)
		for (uint64_t which = *in++; which; which &= which - 1)
			*(uint64_t *)((char *)(w + __builtin_ctzll(which)) + moved) = *in++;
	l->size = (size_t)((const char *)in - (const char *)l->copy);
}

/* What lives there is worth it: half of the memory is saved, or more. */
static bool keep(void *arg)
{
	struct live *l = arg;
	l->size = squeezed(l);
	if (l->size > ARENA_MOST || l->size > l->len / 2 || !(l->copy = arenaget(l->size)))
		return false;
	squeeze(l);
	return true;
}

/* ---- Away and back ------------------------------------------------------------------------------- */

bool stackpack(struct g *gp)
{
	struct live l = liveof(gp);
	if (gp->sched.sp < gp->stack.lo || l.from >= l.to || (size_t)((char *)l.to - (char *)l.from) > PACK_MOST)
		return false;
	os_unused((void *)gp->stack.lo, (size_t)(l.page - (char *)gp->stack.lo));
	lock(&away);
	bool went = os_takeaway(l.page, l.len, keep, &l);
	if (went) {
		gp->sched.pc = (uintptr_t)l.copy;
		foldin(gp);
	} else if (l.copy) {
		arenaput(l.copy, l.size);
	}
	unlock(&away);
	return went;
}

void stackunpack(struct g *gp)
{
	struct live l = liveof(gp);
	l.copy = (uint64_t *)gp->sched.pc;
	lock(&away);
	foldout(gp);
	if (os_putback(l.page, l.len, expand, &l) == BACK_NOT)
		fatal_os_bare(NOTBACK, ENOMEM, "see " MEMORY_LIMITS);
	arenaput(l.copy, l.size);
	unlock(&away);
	gp->sched.pc = 0;
}

bool stackunfold(uintptr_t addr, bool *did)
{
	bool may = foldable(addr);
	if (may) {
		hard_pause();
		lock(&away);
		*did = unfold(addr);
		unlock(&away);
	}
	return may;
}

void packcounts(struct packcount *out)
{
	lock(&away);
	arenacount(&out->used, &out->held);
	out->folded = nfolded(&out->folds);
	unlock(&away);
}
