/* The status of a g: one writer at a time, by hand-over, so plain stores do; others only look.
 *
 *   from -> to              by
 *   Gidle -> Gdead          made (sched/gfree.c): a fresh descriptor
 *   Gdead -> Grunnable      newproc1
 *   Grunnable -> Grunning   execute
 *   Grunning -> Gwaiting    park_m; gopark on a foreign thread
 *   Grunning -> Grunnable   yield_m
 *   Gwaiting -> Grunnable   goready; park_m when unlockf said no
 *   Grunning -> Gdead       goexit0
 *   Grunnable -> Grunning   gopark on a foreign thread, by itself after its note
 *
 * The owner is: of Grunning the g (and its M); of Gwaiting whoever took it off its wait queue; of Grunnable
 * whoever takes it off its run queue; of Gdead its free list. */
#ifndef CORE_GSTATUS_H
#define CORE_GSTATUS_H

#include "core/runtime.h"
#include "core/throw.h"

static inline enum gstatus readgstatus(struct g *gp)
{
	return (enum gstatus)load_rlx(&gp->status);
}

/* The table above, as code. */
static inline bool gstatus_legal(enum gstatus from, enum gstatus to)
{
	static const uint8_t next[] = {
		[Gidle] = 1 << Gdead,
		[Grunnable] = 1 << Grunning,
		[Grunning] = 1 << Gwaiting | 1 << Grunnable | 1 << Gdead,
		[Gwaiting] = 1 << Grunnable,
		[Gdead] = 1 << Grunnable,
	};
	return from < nelem(next) && (next[from] >> to & 1);
}

static inline void setgstatus(struct g *gp, enum gstatus from, enum gstatus to)
{
#ifdef GARN_CHECK
	if (readgstatus(gp) != from || !gstatus_legal(from, to))
		throw("goroutine in the wrong status");
#else
	(void)from;
#endif
	store_rel(&gp->status, to); // rel[GW]: who sees it waiting (sched/scan.c) sees its context
}

#endif
