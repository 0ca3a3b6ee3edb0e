// garn_run in a goroutine of a program whose main is one.
// EXPECT: fatal error: garn_run: called in a goroutine
// EXPECT: goroutine 1 [running]:
// EXPECT: main
// EXPECT: x_run_nested.c:17
#include <garn.h>

static int fn(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 7;
}

int main(int argc, char **argv)
{
	garn_run(fn, argc, argv);
	return 0;
}
