// A recursion of functions compiled with -fsplit-stack ends with the report of those that run into the guard, though none is touched.
// FLAGS: -fsplit-stack
// FLAGS: -fsplit-stack -O0
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: (more for all: GARN_STACK=1M, garn_set_max_stack; for one: go_with and garn_attr.stack)
// EXPECT: goroutine 
// EXPECT:  [running]:
// EXPECT: recurse
// EXPECT: tests/x_split_overflow.c:
// EXPECT: frames elided...
// EXPECT: recurse
// EXPECT: created by main in goroutine 1
// REJECT: SIGSEGV
// REJECT: morestack
// REJECT: systemstack
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#include "t_split.h"
#include <signal.h>

static void guard(int sig)
{
	(void)sig;
	t_die(3); // the guard was touched
}

ALONE static long recurse(long n)
{
	volatile char b[100];
	b[0] = (char)n;
	return recurse(n + 1) + b[0];
}

int main(void)
{
	struct sigaction sa = { .sa_handler = guard, .sa_flags = SA_ONSTACK };
	sigaction(SIGSEGV, &sa, NULL); // in the library's place
	go(recurse, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
