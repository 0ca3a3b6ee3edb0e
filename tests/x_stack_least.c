// garn_set_max_stack takes 16 KB to 1 GB; what lies below is no stack.
// EXPECT: fatal error: garn_set_max_stack: a stack has 16 KB to 1 GB
// EXPECT: goroutine 1 [running]:
// EXPECT: x_stack_least.c:10
#include <garn.h>

int main(void)
{
	garn_set_max_stack(GARN_KB(16));
	garn_set_max_stack(GARN_KB(16) - 1);
	return 0;
}
