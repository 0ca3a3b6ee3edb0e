// What the tests of code compiled with -fsplit-stack share: the word that such functions compare their stack pointer with.
#ifndef T_SPLIT_H
#define T_SPLIT_H

#include "test.h"

#include <garn.h>

enum { T_RED = 8192 }; // above the lowest byte of a goroutine's stack, as in stack/stack.h
#define T_POISON INT64_MAX

__attribute__((unused, always_inline)) static inline uint64_t t_limit(void)
{
	uint64_t v;
	__asm__ volatile("movq %%fs:0x70, %0" : "=r"(v));
	return v;
}

// The next function compiled so calls __morestack, as if sysmon wanted something.
__attribute__((unused, always_inline)) static inline void t_poison(void)
{
	__asm__ volatile("movq %0, %%fs:0x70" : : "r"(T_POISON) : "memory");
}

#define ALONE __attribute__((noinline, noclone))
#ifdef __clang__
#undef ALONE
#define ALONE __attribute__((noinline))
#endif
// The function is entered as it would be by somebody who knows nothing of it.
#define OPAQUE(p) __asm__ volatile("" : "+r"(p))

#endif
