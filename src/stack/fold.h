/* Blocks of 2 MB all stacks of which are packed. See fold.c. */
#ifndef STACK_FOLD_H
#define STACK_FOLD_H

#include "core/runtime.h"

/* Written under the lock of pack.c. */
struct fold {
	uint8_t order;  /* L, A to look: of the stacks that are packed here */
	uint8_t packed; /* L: how many are */
	bool folded;    /* L */
	bool been;      /* L, A to look: it was folded, since this is a place for stacks */
};
/* Of the block of addr; null: no stack there may be packed (pack.c). Runs on: any, fault handlers too. Holds: anything. */
struct fold *foldat(uintptr_t addr);

/* May addr lie in a block that is or was folded, and not in the guard of a stack? Runs on: any, fault handlers too. Holds: anything. Never parks. */
bool foldable(uintptr_t addr);

/* The others: holds the lock of pack.c, with all signals blocked. Runs on: any, fault handlers too. Never parks. */

/* gp's stack is packed. */
void foldin(struct g *gp);
/* gp's stack is about to be put back: its block is not folded from here on. */
void foldout(struct g *gp);
/* The block of addr, if it is folded, is so no more; was it? */
bool unfold(uintptr_t addr);
/* So many are, and so often one was. */
uint32_t nfolded(uint64_t *folds);

/* The kernel has had seconds, and gives nothing back. */
__attribute__((noreturn)) void notback(void);

#endif
