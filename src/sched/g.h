/* All goroutines, for those who look at them (dumps). */
#ifndef SCHED_G_H
#define SCHED_G_H

#include "core/runtime.h"

/* Every g ever made, dead ones included, in order of creation. Runs on: any; gs may change meanwhile. */
void forEachG(void (*fn)(struct g *gp, void *arg), void *arg);

/* The same one after the other, from a cursor of zeros on; null after the last, and then from the first. Runs on: sysmon. */
struct gcursor {
	struct gslab *slab;
	uint32_t i;
};
struct g *gnext(struct gcursor *at);

#endif
