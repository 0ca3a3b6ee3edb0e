// garn_run works once per process.
// EMBED
// EXPECT: first returned 7
// EXPECT: fatal error: garn_run: the runtime is up already, or was
// EXPECT: main
// EXPECT: x_run_twice.c:21
#include "test.h"

#include <garn.h>

static int fn(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 7;
}

int main(int argc, char **argv)
{
	fprintf(stderr, "first returned %d\n", garn_run(fn, argc, argv));
	garn_run(fn, argc, argv);
	return 0;
}
