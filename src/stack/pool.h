/* The global pool of stacks, for stack.c. See pool.c. */
#ifndef STACK_POOL_H
#define STACK_POOL_H

#include "core/runtime.h"
#include "stack/stack.h"

/* Valgrind's requests, where its header is: stacks are made known to it, and nothing is given back under it. */
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef RUNNING_ON_VALGRIND
#define RUNNING_ON_VALGRIND 0
#define VALGRIND_STACK_REGISTER(lo, hi) (0)
#endif

/* Set up once, before any other call. */
void poolinit(void);
/* The lowest address of a stack of that order, guard included; 0 when there is no address space. *bare: its guard is to be
 * made. Runs on: any. Never parks. */
uintptr_t pooltake(uint8_t order, bool *bare);
/* Up to n more that were in use not long ago, into lo[]; how many. Runs on: any. Never parks. */
uint32_t pooltakewarm(uint8_t order, uintptr_t *lo, uint32_t n);
/* A batch: STACK_BATCH of them, linked by stacklink, the last by 0. Null: there is none. Runs on: any. Never parks. */
uintptr_t pooltakebatch(uint8_t order);
void poolputbatch(uint8_t order, uintptr_t first);
/* n stacks come back. Runs on: any. Never parks. */
void poolput(uint8_t order, const uintptr_t *lo, uint32_t n);

#endif
