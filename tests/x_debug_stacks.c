// GARN_DEBUG=stacks=1: at the end a line for each size of stack that was used, and one on guards.
// SAN: no-thread no-hard (stacks are kept, or thrown away)
// ENV: GARN_DEBUG=stacks=1
// STATUS: 0
// EXPECT: STACKS 256K: inuse=
// EXPECT: STACKS 1024K: inuse=
// EXPECT: STACKS guards=
// REJECT: STACKS 512K
#include "t_sync.h"

static garn_waitgroup wg;

static void f(void)
{
	garn_yield();
	garn_waitgroup_done(&wg);
}

int main(void)
{
	garn_waitgroup_add(&wg, 2);
	go_with((garn_attr){ .stack = 900 << 10 }, f);
	go(f);
	garn_waitgroup_wait(&wg);
	return 0;
}
