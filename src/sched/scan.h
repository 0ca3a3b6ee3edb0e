/* Who may touch the stack of a goroutine that waits: see scan.c. */
#ifndef SCHED_SCAN_H
#define SCHED_SCAN_H

#include "core/runtime.h"

enum { SCAN_NONE, SCAN_CLAIMED, SCAN_BUSY, SCAN_DONE };

/* gp, which is marked running but does not yet, was looked at: it is nobody else's when this returns. Runs on: g0. */
void unscan(struct g *gp);
/* Look at some that wait. False: all were looked at, or it is too soon; *later: to be called again some time.
 * Runs on: sysmon. */
bool scan(int64_t now, bool *later);

#endif
