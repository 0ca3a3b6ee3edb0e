// Closing a channel on which goroutines with packed stacks wait touches no stack: each is put back by its own goroutine when that runs, and finds zero there.
// ENV: GARN_PACK=50
// SAN: no-address no-thread (nothing is packed under them)
#include "t_pack.h"

enum { N = T_SCALED(4000) };
static garn_waitgroup wg;
static garn_chan_of(uint64_t) gate;
static volatile uint64_t *place[N];
static uint32_t running;

static void waits(uint32_t n)
{
	volatile uint64_t mine[4] = { n + 1, n + 2, n + 3, n + 4 };
	bool ok = true;
	place[n] = mine;
	ADD(running, 1);
	if (n % 2)
		ok = garn_recv_ok(gate, (uint64_t *)&mine[1]);
	else
		CHECK_EQ(chan_select(on_recv(gate, (uint64_t *)&mine[1], &ok), on_timeout(GARN_S(1000))), 0);
	CHECK(!ok && mine[0] == n + 1 && mine[1] == 0 && mine[2] == n + 3 && mine[3] == n + 4);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	t_need_packing();
	garn_stats before, after;
	gate = garn_make(uint64_t, 0);
	garn_waitgroup_add(&wg, N);
	for (uint32_t i = 0; i < N; i++)
		go(waits, i);
	t_await(&running, N);
	for (int i = 0; i < N; i++)
		t_await_packed(place[i]);
	garn_read_stats(&before);
	int64_t began = garn_now();
	chan_close(gate);
	printf("%d ns for each that waited\n", (int)((garn_now() - began) / N));
	garn_waitgroup_wait(&wg);
	garn_read_stats(&after);
	CHECK(after.packed.by_running >= before.packed.by_running + N);
	CHECK_EQ(after.packed.by_waker, before.packed.by_waker);
	CHECK_EQ(after.packed.by_access, before.packed.by_access);
	return 0;
}
