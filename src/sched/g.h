/* All goroutines, for those who look at them (dumps). */
#ifndef SCHED_G_H
#define SCHED_G_H

#include "core/runtime.h"

/* Every g ever made, dead ones included, in order of creation. Runs on: any; gs may change meanwhile. */
void forEachG(void (*fn)(struct g *gp, void *arg), void *arg);

#endif
