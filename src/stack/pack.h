/* Packing: what lives on the stack of a goroutine that waits long is kept elsewhere, and its page is given back. See pack.c. */
#ifndef STACK_PACK_H
#define STACK_PACK_H

#include "core/runtime.h"

/* So many live bytes at most: with what lies above them always within the top page of the stack. */
enum { PACK_MOST = 2048 };

/* Why stacks cannot be packed here; null: they can. Runs on: any, one at a time. */
const char *packinit(void);
/* gp has its stack, and may be packed from now on. False: no memory to note that. Runs on: any. Never parks. */
bool packown(struct g *gp);
/* gp, which is not packed, is about to lose it. */
void packdisown(struct g *gp);
/* The g that may be packed and whose top page this is an address of; null: none. Runs on: any, fault handlers too. Holds: anything. */
struct g *packowner(uintptr_t addr);

/* gp's stack is the caller's: it is SCAN_BUSY (sched/scan.c). All signals are blocked, so that no handler of the program's, which may touch a
 * packed stack, comes in between. Runs on: any, fault handlers too. Holds: anything but the lock in pack.c. Never parks.
 * stackpack: false: there is too much on it, or the kernel refuses. */
bool stackpack(struct g *gp);
void stackunpack(struct g *gp);

/* Bytes in the arena: in use, and taken from the kernel. */
void packcounts(size_t *used, size_t *held);

#endif
