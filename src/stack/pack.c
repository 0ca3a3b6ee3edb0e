/* Packing: the stack of a goroutine that waits is put away, all of it but its addresses.
 *
 * What is live on it, from the saved stack pointer to the top of its first frame, is copied to the arena (arena.c); its top page goes
 * behind a guard marker (os/away.c); the pages below hold nothing live, and are given back as well. Who may do that, and when, is sched/scan.c's
 * matter: here is how.
 *
 *   1. What is live is at most PACK_MOST bytes, so it lies in the top page, with the slack and the colour: one page goes and comes back.
 *   2. A packed g knows where it was put by sched.pc, which a goroutine's saved context does not use. How much it is follows from
 *      sched.sp and its stack.
 *   3. The table has, for each stack whose g may be packed, that g, from its first run to its end, by the address of the top page. It is
 *      read without a lock, in fault handlers; leaves are made once and never freed.
 *   4. The guard below the stack, and the bits of the pool, know nothing of all this: a stack is packed only while a g has it.
 *
 * The lock is the last of all ranks: a fault handler may interrupt code that holds any other. It is never held
 * while a stack is touched, and with all signals blocked, so no fault handler finds it held by its own thread. */

#include "stack/pack.h"
#include "core/lock.h"
#include "core/throw.h"
#include "os/os.h"
#include "stack/arena.h"
#include "stack/stack.h"

/* One entry for each STACK_MIN of addresses: no two stacks have their top pages in the same. */
enum { UNIT_BITS = 17, LEAF_BITS = 17, TOP_BITS = 13, LEAF = 1 << LEAF_BITS };
_Static_assert(1 << UNIT_BITS == STACK_MIN, "the least stack");
_Static_assert((int)PACK_MOST <= (int)ARENA_MOST, "what is packed has room in the arena");
_Static_assert((int)PACK_MOST + STACK_SLACK + 16 * CACHELINE <= STACK_PAGE, "one page");

static struct g **table[1 << TOP_BITS]; /* A[PT] */
static struct lock away = LOCKINIT(RANK_PACK); /* of os/away.c and arena.c */

const char *packinit(void)
{
	if (SAN_ADDRESS || SAN_THREAD)
		return "not under ASan or TSan, which take SIGSEGV";
	if (asym_slow)
		return "there is no membarrier";
	lock(&away);
	bool can = os_awayinit();
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
	if (e)
		store_rel(e, gp); // rel[PT]: its stack
	return e != NULL;
}

void packdisown(struct g *gp)
{
	store_rlx(entry(gp->stack.hi - 1, false), NULL);
}

struct g *packowner(uintptr_t addr)
{
	struct g **e = entry(addr, false), *gp = e ? load_acq(e) : NULL; // acq[PT]
	return gp && addr < gp->stack.hi && addr >= gp->stack.hi - STACK_PAGE ? gp : NULL;
}

/* ---- Away and back ------------------------------------------------------------------------------- */

bool stackpack(struct g *gp)
{
	struct stack s = gp->stack;
	uintptr_t sp = gp->sched.sp, top = stacktop(s), page = s.hi - STACK_PAGE;
	if (sp < page || sp >= top || top - sp > PACK_MOST)
		return false;
	lock(&away);
	void *copy = arenaget(top - sp);
	bool went = copy && os_takeaway((void *)page, sp - page, copy, top - sp);
	if (copy && !went)
		arenaput(copy, top - sp);
	unlock(&away);
	if (!went)
		return false;
	gp->sched.pc = (uintptr_t)copy;
	os_unused((void *)s.lo, page - s.lo);
	return true;
}

void stackunpack(struct g *gp)
{
	uintptr_t sp = gp->sched.sp, top = stacktop(gp->stack), page = gp->stack.hi - STACK_PAGE;
	void *copy = (void *)gp->sched.pc;
	lock(&away);
	os_putback((void *)page, sp - page, copy, top - sp);
	arenaput(copy, top - sp);
	unlock(&away);
	gp->sched.pc = 0;
}

void packcounts(size_t *used, size_t *held)
{
	lock(&away);
	arenacount(used, held);
	unlock(&away);
}
