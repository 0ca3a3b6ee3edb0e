// m: a million goroutines parked on a channel: what each of them costs, resident pages and page tables.
#include "bench.h"
#ifndef ROW
#define ROW "m_parked"
#endif

static void parks(chan(int) gate, garn_waitgroup *up)
{
	garn_waitgroup_done(up);
	chan_recv(gate);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 1000000);
	chan(int) gate = chan_make(int, 0);
	garn_waitgroup up = {0};
	int64_t before = memory();
	garn_waitgroup_add(&up, (int)n);
	for (long i = 0; i < n; i++)
		go(parks, gate, &up);
	garn_waitgroup_wait(&up);
	garn_sleep(GARN_MS(100)); // the last of them are on their way to the channel
	awaitpacked(n);
	must(ROW, garn_num_goroutines() == n + 1);
	reportvalue(ROW, (memory() - before) / n);
	return 0;
}
