// garn_set_max_stack takes 16 KB to 1 GB; before the runtime is up, too.
// EXPECT: 1 GB is taken
// EXPECT: fatal error: garn_set_max_stack: a stack has 16 KB to 1 GB
// REJECT: main
#include <garn.h>
#include <stdio.h>

__attribute__((constructor)) static void early(void)
{
	garn_set_max_stack(GARN_MB(1024));
	fputs("1 GB is taken\n", stderr);
	garn_set_max_stack(GARN_MB(1024) + 1);
}

int main(void)
{
	return 0;
}
