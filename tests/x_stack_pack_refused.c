// Where stacks cannot be packed GARN_PACK says so, once, and the program runs on.
// ENV: GARN_PACK=5 GARN_FAIL=guard:1+
// SAN: no-address no-thread (another reason is given)
// STATUS: 0
// EXPECT: garn: GARN_PACK: no stack is packed: the kernel has no guard markers
#include "t_pack.h"

static garn_sem gate;

static void waits(void)
{
	garn_sem_acquire(&gate);
	garn_sem_release(&gate);
}

int main(void)
{
	garn_stats s;
	go_with(garn_attr(.pack = true), waits);
	garn_sleep(GARN_MS(50));
	garn_read_stats(&s);
	CHECK_EQ(s.packed.ever, 0);
	garn_sem_release(&gate);
	return 0;
}
