/* Who may touch the stack of a goroutine that waits, and where it is: see scan.c. */
#ifndef SCHED_SCAN_H
#define SCHED_SCAN_H

#include "core/runtime.h"

enum { SCAN_NONE, SCAN_CLAIMED, SCAN_BUSY, SCAN_DONE, SCAN_PACKED };

/* GARN_PACK, in ms; -1: not set. Runs on: the first thread, once, in schedinit, when faults come to us. */
void scaninit(int32_t ms);
/* Somebody starts a goroutine that may be packed: can that be done here? Runs on: any. Never parks. */
bool packable(void);

/* gp, which may be packed, has got its stack. False: it may not, as there is no memory to note that. Runs on: g0. Never parks. */
bool packbirth(struct g *gp);

/* gp, which is marked running but does not yet, was looked at: it is nobody else's when this returns, and its stack is there.
 * Runs on: g0. */
void unscan(struct g *gp);
/* Look at some that wait. False: all were looked at, or it is too soon; *later: to be called again some time.
 * Runs on: sysmon. */
bool scan(int64_t now, bool *later);

/* If gp's stack is packed it is put back, for `by`. Runs on: any. Holds: anything but the lock of stack/pack.c. Never parks. */
bool unpack(struct g *gp, enum unpackby by);
/* From here to letgog gp's stack is there, and stays. As unpack. */
void holdg(struct g *gp, enum unpackby by);
void letgog(struct g *gp);
/* The same for one that is about to be woken, while something is written to its stack: no fault is needed then. letgo before goready. */
static inline bool holdwaiter(struct g *gp)
{
	bool may = unlikely(gp->pack);
	if (may)
		holdg(gp, UNPACK_WAKE);
	return may;
}
static inline void letgowaiter(bool held, struct g *gp)
{
	if (unlikely(held))
		letgog(gp);
}
/* A fault at addr. FAULT_OTHER: that is on no stack that may be packed. FAULT_BACK: it was packed, and is there again; FAULT_THERE: it is there
 * (by now): the access may be tried again. Runs on: any, in the fault handler. Holds: as unpack. Never parks. */
enum packfault { FAULT_OTHER, FAULT_BACK, FAULT_THERE };
enum packfault unpackfault(uintptr_t addr);

/* The g whose stack p is on, if it is not the caller, is not packed from here to letgo. Runs on: any. Never parks. */
void hold(const void *p);
void letgo(const void *p);

#endif
