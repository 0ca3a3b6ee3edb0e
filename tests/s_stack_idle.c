// Goroutines go deep by random amounts and wait for random times, some long enough for their stacks to be looked at meanwhile (at each
// moment, in HARD builds): what is on the stack is as it was, above and at every depth, and values handed over to one who
// waits arrive in place. Some end, others are started on their stacks.
#include "t_sync.h"

enum { WORKERS = 60 };
static int64_t finish;
static garn_waitgroup wg;
static chan(uint64_t) values;
static uint64_t sent, received; // A: sums

static void waits(struct t_rng *r)
{
	uint64_t v, tag = t_rand(r);
	volatile uint64_t mine[32];
	for (int i = 0; i < 32; i++)
		mine[i] = tag + (uint64_t)i;
	switch (t_below(r, 8)) {
	case 0: garn_yield(); break;
	case 1: garn_sleep((int64_t)t_below(r, 6000000)); break;
	case 2: garn_sleep((int64_t)t_below(r, 50000)); break;
	case 3: usleep((useconds_t)t_below(r, 100)); break;
	case 4:
	case 5:
		v = tag;
		if (chan_try_send(values, v))
			ADD(sent, v);
		break;
	default:
		switch (chan_select(on_recv(values, &v), on_timeout((int64_t)t_below(r, 4000000)))) {
		case 0: ADD(received, v); break;
		}
	}
	for (int i = 0; i < 32; i++)
		CHECK_EQ(mine[i], tag + (uint64_t)i);
}

// Waits at random depths on the way down, and on the way up again.
__attribute__((noinline)) static void dives(struct t_rng *r, int depth)
{
	volatile char a[700];
	char c = (char)t_rand(r);
	memset((char *)a, c, sizeof a);
	if (t_below(r, 12) == 0)
		waits(r);
	if (depth > 0)
		dives(r, depth - 1);
	if (t_below(r, 12) == 0)
		waits(r);
	for (size_t i = 0; i < sizeof a; i++)
		CHECK(a[i] == c);
}

static void worker(uint64_t seed)
{
	struct t_rng r = t_rng(seed, 0);
	do
		dives(&r, (int)t_below(&r, 100));
	while (t_below(&r, 8) != 0 && t_now() < finish);
	if (t_now() < finish)
		go(worker, t_rand(&r));
	else
		garn_waitgroup_done(&wg);
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	uint64_t v;
	finish = t_now() + t_stress_time();
	values = chan_make(uint64_t, 4);
	garn_waitgroup_add(&wg, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		go(worker, t_rand(&r));
	garn_waitgroup_wait(&wg);
	while (chan_try_recv(values, &v))
		received += v;
	CHECK_EQ(sent, received);
	chan_unref(values);
	return 0;
}
