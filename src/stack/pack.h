/* Packing: what lives on the stack of a goroutine that waits long is kept elsewhere, and its pages are given back. See pack.c. */
#ifndef STACK_PACK_H
#define STACK_PACK_H

#include "core/runtime.h"

/* So many live bytes at most; they lie within PACK_SPAN of the top of the stack, with what is above and below in their pages. */
enum { PACK_MOST = 32 << 10, PACK_SPAN = 40 << 10 };

/* Why stacks cannot be packed here; null: they can. Runs on: any, one at a time. */
const char *packinit(void);
/* gp has its stack, and may be packed from now on. False: no memory to note that. Runs on: any. Never parks. */
bool packown(struct g *gp);
/* gp, which is not packed, is about to lose it. */
void packdisown(struct g *gp);
/* There are no stacks between lo and lo + n any more, a multiple of 64 MB at such. */
void packforget(uintptr_t lo, size_t n);
/* The g that may be packed and has addr within PACK_SPAN of the top of its stack; null: none. Runs on: any, fault handlers too. Holds: anything. */
struct g *packowner(uintptr_t addr);

/* gp's stack is the caller's: it is SCAN_BUSY (sched/scan.c). All signals are blocked, so that no handler of the program's, which may touch a
 * packed stack, comes in between. Runs on: any, fault handlers too. Holds: anything but the lock in pack.c. Never parks.
 * stackpack: false: there is too much on it, or the kernel refuses. */
bool stackpack(struct g *gp);
void stackunpack(struct g *gp);

/* addr, below what is live on any stack, cannot be touched because its block is folded (fold.c), or could not a moment ago: it can, now. False: it is no such
 * address. *did: it was folded. Runs on: any, in the fault handler. Holds: as stackunpack. Never parks. */
bool stackunfold(uintptr_t addr, bool *did);

/* Bytes in the arena: in use, and taken from the kernel; blocks that are folded, and how often one was. */
struct packcount {
	size_t used, held;
	uint32_t folded;
	uint64_t folds;
};
void packcounts(struct packcount *out);

#endif
