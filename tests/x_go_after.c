// go after garn_run has returned.
// EMBED
// EXPECT: ran
// EXPECT: fatal error: go: garn_run has returned
// EXPECT: [not a goroutine]:
// EXPECT: main
// EXPECT: x_go_after.c:27
#include "test.h"

#include <garn.h>

static void nothing(void)
{
}

static int fn(int argc, char **argv)
{
	(void)argv;
	go(nothing);
	fprintf(stderr, "ran\n");
	return argc;
}

int main(int argc, char **argv)
{
	garn_run(fn, argc, argv);
	go(nothing);
	return 0;
}
