/* Memory for what is kept of packed stacks. See arena.c. */
#ifndef STACK_ARENA_H
#define STACK_ARENA_H

#include "core/runtime.h"

enum { ARENA_STEP = 32, ARENA_MOST = 8192 };

/* Room for n bytes, 1 to ARENA_MOST; null when the kernel refuses. Runs on: any, fault handlers too. Holds: the lock of stack/pack.c. Never parks. */
void *arenaget(size_t n);
/* p, of n bytes, is free again. As arenaget. */
void arenaput(void *p, size_t n);
/* In use, rounded as it is handed out; and taken from the kernel for it. As arenaget. */
void arenacount(size_t *used, size_t *held);

#endif
