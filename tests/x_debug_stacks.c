// GARN_DEBUG=stacks=1: at the end a line for each size of stack that was used, how deep they are now, and one on guards.
// SAN: no-thread no-hard no-address (stacks are kept, or thrown away, or deeper)
// ENV: GARN_DEBUG=stacks=1
// STATUS: 0
// EXPECT: STACKS 256K: inuse=3
// EXPECT:  grown=2 deepest=64K
// EXPECT: STACKS 1024K: inuse=1
// EXPECT:  grown=1 deepest=516K
// EXPECT: STACKS guards=
// EXPECT:  shrunk=0 morestack=0 splitpreempts=0
// REJECT: STACKS 512K
#include "t_sync.h"

static garn_waitgroup wg;
static garn_sem gate;

// Touches the page that lies so far below the top of its stack.
static void f(size_t depth)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	*(volatile char *)((uintptr_t)hi - depth) = 1;
	garn_waitgroup_done(&wg);
	garn_sem_acquire(&gate);
}

int main(void)
{
	garn_waitgroup_add(&wg, 4);
	go_with((garn_attr){ .stack = 900 << 10 }, f, 516 << 10);
	go(f, 1);
	go(f, 8 << 10);
	go(f, 64 << 10);
	garn_waitgroup_wait(&wg);
	return 0;
}
