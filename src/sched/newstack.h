/* Code compiled with -fsplit-stack: see newstack.c. */
#ifndef SCHED_NEWSTACK_H
#define SCHED_NEWSTACK_H

#include "core/runtime.h"

/* For arch_up: a function, whose stack pointer is at its return address, asks for a frame of so many bytes. Returns when it may go
 * on, or dies. errno is kept. Runs on: any, signal handlers too. Holds: anything. Waits as callpoint does. */
void newstack(uintptr_t sp, size_t frame);

/* What GARN_DEBUG=schedtrace shows. */
extern struct splitcounts {
	uint64_t calls;    /* A: of newstack, by goroutines */
	uint64_t preempts; /* A: that were callpoints */
} splitcounts;

#endif
