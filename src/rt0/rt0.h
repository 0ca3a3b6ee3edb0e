/* Start-up. */
#ifndef RT0_RT0_H
#define RT0_RT0_H

#include "core/runtime.h"

/* Everything before the first goroutine, in Go's order. by: the call that asked, for the message when it is the second. */
void schedinit(const char *by, bool embedded);
/* Start main as goroutine 1 with a stack of at least n usable bytes. */
void newmain(void (*fn)(void *), void *arg, size_t stack);
/* m0 has the calling thread; never returns. */
void mstart0(void);
/* m0 gets a thread of its own. */
void mstart_thread(void);


/* For wrap_main.c, across the archive's members. */
__attribute__((visibility("default"))) int garn_main(int (*fn)(int, char **, char **), int argc, char **argv);

#endif
