// The trace of a program at fixed addresses, of one at any, and of one with the library as a shared object.
// FLAGS: -no-pie -fno-pie
// FLAGS: -pie -fPIE
// EMBED
// LIB: a so
// EXPECT: panic: close of nil channel
// EXPECT: goroutine 1 [running]:
// EXPECT: entry
// EXPECT: x_trace_nonpie.c:19 +0x
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
// REJECT: garn_
#include <garn.h>

static int entry(int argc, char **argv)
{
	(void)argv;
	chan_close((chan(int))NULL);
	return argc;
}

int main(int argc, char **argv)
{
	return garn_run(entry, argc, argv);
}
