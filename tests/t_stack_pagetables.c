// 20,000 goroutines parked at the default size: the page tables that the kernel needs for their stacks, and for all else that
// they have, are below 600 bytes each. A table of 4 KB covers 2 MB of addresses, so stacks have to lie side by side.
// PROCS: 1 2
// SAN: no-address no-thread (a sanitizer has page tables of its own)
#include "t_memory.h"

#include <garn.h>

enum { N = 20000 };

static garn_waitgroup up, down;

static long pagetables(void)
{
	return t_status_kb("VmPTE:") * 1024;
}

static void parks(chan(int) gate)
{
	garn_waitgroup_done(&up);
	chan_recv(gate);
	garn_waitgroup_done(&down);
}

int main(void)
{
	chan(int) gate = chan_make(int, 0);
	long before = pagetables();
	garn_waitgroup_add(&up, N);
	garn_waitgroup_add(&down, N);
	for (int i = 0; i < N; i++)
		go(parks, gate);
	garn_waitgroup_wait(&up);
	long each = (pagetables() - before) / N;
	printf("%ld bytes of page tables each\n", each);
	CHECK(each > 400); // else this looks at the wrong thing
	CHECK(each < 600);
	chan_close(gate);
	garn_waitgroup_wait(&down);
	chan_unref(gate);
	return 0;
}
