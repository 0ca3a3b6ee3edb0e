/* Blocks of 2 MB all stacks of which are packed. See fold.c. */
#ifndef STACK_FOLD_H
#define STACK_FOLD_H

#include "core/runtime.h"

#define NOTBACK "no memory to bring back the stack of a goroutine"

/* gp's stack may be packed from now on. False: no memory to note that. Runs on: any. Never parks. */
bool foldown(struct g *gp);
/* May addr lie in a block that is or was folded, and not in the guard of a stack? Runs on: any, fault handlers too. Holds: anything. Never parks. */
bool foldable(uintptr_t addr);

/* All: holds the lock of pack.c. Runs on: any, fault handlers too. Never parks. */

/* gp's stack is packed. */
void foldin(struct g *gp);
/* gp's stack is about to be put back: its block is not folded from here on. */
void foldout(struct g *gp);
/* The block of addr, if it is folded, is so no more; was it? */
bool unfold(uintptr_t addr);
/* Now, and so often so far. */
uint32_t nfolded(uint64_t *folds);

#endif
