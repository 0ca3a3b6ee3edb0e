// For tests that go to the brink of a goroutine's stack and act there.
#ifndef T_BRINK_H
#define T_BRINK_H

#include "test.h"

#include <garn.h>

#ifdef __clang__
#define T_NOTAIL
#else
#define T_NOTAIL __attribute__((optimize("no-optimize-sibling-calls")))
#endif

__attribute__((unused)) static size_t t_left(void)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	return (size_t)((char *)__builtin_frame_address(0) - (char *)lo);
}

// Recurse until no more than `bytes` are left, then act(arg).
__attribute__((unused, noinline)) T_NOTAIL static int t_atbrink(size_t bytes, void (*act)(void *), void *arg)
{
	volatile int n = 1;
	if (t_left() > bytes + 200)
		n += t_atbrink(bytes, act, arg);
	else
		act(arg);
	return n + 1;
}

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
// Without end.
__attribute__((unused, noinline)) static int t_recurse(int n)
{
	volatile char b[100];
	b[0] = (char)n;
	return t_recurse(n + 1) + b[0];
}

#endif
