// A frame that is one byte too large is told, and a small one that begins a byte too low; t_split_depth has those that just fit.
// FLAGS: -fsplit-stack -DONE=t_frameto
// FLAGS: -fsplit-stack -DONE=t_smallat
// EXPECT: just fits
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: [running]:
// EXPECT: worker
// REJECT: went on
#include "t_exact.h"

static void worker(void)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	CHECK_EQ(ONE((uintptr_t)lo + T_RED), 1);
	fprintf(stderr, "just fits\n");
	CHECK_EQ(ONE((uintptr_t)lo + T_RED - 1), 1);
	fprintf(stderr, "went on\n");
}

int main(void)
{
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
