/* All goroutines, for those who look at them (dumps). */
#ifndef SCHED_G_H
#define SCHED_G_H

#include "core/slab.h"

/* Every g, dead ones included, in order of creation; some may be zeros, Gidle. Runs on: any; gs may change meanwhile. */
void forEachG(void (*fn)(struct g *gp, void *arg), void *arg);

/* The same one after the other: see slabnext. Runs on: sysmon. */
struct g *gnext(struct slabcursor *at);

#endif
