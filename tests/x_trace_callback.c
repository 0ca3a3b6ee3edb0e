// A trace that goes through a function of another shared object (libc's qsort) into the program's own.
// EXPECT: panic: send on closed channel
// EXPECT: goroutine 1 [running]:
// EXPECT: compare
// EXPECT: x_trace_callback.c:18
// EXPECT: qsort
// EXPECT: sorter
// EXPECT: x_trace_callback.c:24
// EXPECT: main
#include "test.h"

#include <garn.h>

static chan(int) c;

static int compare(const void *a, const void *b)
{
	chan_send(c, *(const int *)a - *(const int *)b);
	return 0;
}

__attribute__((noinline)) static void sorter(int *v)
{
	qsort(v, 2, sizeof v[0], compare);
	__asm__ volatile("");
}

int main(void)
{
	int v[2] = { 1, 2 };
	c = chan_make(int, 0);
	chan_close(c);
	sorter(v);
	return 0;
}
