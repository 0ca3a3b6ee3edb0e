// 20,000 goroutines (2,000 in slow builds) select on one channel and one of their own each. They get on by their own, in any
// order, and each takes itself out of the middle of the long queue; then by the common one, whose queue is full of
// those who are gone. Then 100 who stand there 4,000 times each (400): a search through the queue would take minutes.
#include "t_sync.h"

enum { N = T_SCALED(20000) };

static chan(int) common, own[N];
static uint32_t arrived, by_own, by_common;

static void stand(uint32_t i)
{
	int v = -1;
	ADD(arrived, 1);
	if (chan_select(on_recv(common, &v), on_recv(own[i], &v)) == 1) {
		CHECK_EQ(v, i);
		ADD(by_own, 1);
	} else {
		CHECK_EQ(v, -7);
		ADD(by_common, 1);
	}
}

static void shuffle(uint32_t *order, struct t_rng *r)
{
	for (uint32_t i = 0; i < N; i++) {
		uint32_t j = (uint32_t)t_below(r, i + 1);
		order[i] = order[j];
		order[j] = i;
	}
}

// How many of them leave by their own channel.
static void crowd(uint32_t leave, struct t_rng *r)
{
	static uint32_t order[N];
	arrived = by_own = by_common = 0;
	shuffle(order, r);
	for (uint32_t i = 0; i < N; i++)
		go(stand, i);
	t_await(&arrived, N);
	t_settle();
	for (uint32_t i = 0; i < leave; i++)
		CHECK(chan_try_send(own[order[i]], (int)order[i]));
	// they need not have run again: the sender finds the next who still waits
	for (uint32_t i = leave; i < N; i++)
		CHECK(chan_try_send(common, -7));
	CHECK(!chan_try_send(common, -7));
	t_await(&by_own, leave);
	t_await(&by_common, N - leave);
	CHECK(!chan_try_send(common, -7));
}

enum { LOUD = 100, TIMES = T_SCALED(4000) };

static void insist(uint32_t i)
{
	struct garn_case *k = calloc(TIMES + 1, sizeof *k);
	int v;
	for (int j = 0; j <= TIMES; j++)
		k[j] = (struct garn_case){ .kind = GARN_CASE_RECV, .c = (garn_chan *)common, .elem = &v };
	k[i % (TIMES + 1)].c = (garn_chan *)own[i];
	ADD(arrived, 1);
	CHECK_EQ(garn_select(k, TIMES + 1), i % (TIMES + 1));
	CHECK_EQ(v, 5);
	free(k);
	ADD(by_own, 1);
}

static void loud(struct t_rng *r)
{
	static uint32_t order[N];
	arrived = by_own = 0;
	shuffle(order, r);
	for (uint32_t i = 0; i < LOUD; i++)
		go(insist, i);
	t_await(&arrived, LOUD);
	t_settle();
	for (uint32_t i = 0; i < N; i++)
		if (order[i] < LOUD)
			CHECK(chan_try_send(own[order[i]], 5));
	t_await(&by_own, LOUD);
	CHECK(!chan_try_send(common, 1));
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	common = chan_make(int, 0);
	for (uint32_t i = 0; i < N; i++)
		own[i] = chan_make(int, 0);
	crowd(N, &r);
	crowd(N / 2, &r);
	crowd(0, &r);
	loud(&r);
	for (int i = 0; garn_num_goroutines() > 1; i++)
		t_rest(i);
	for (uint32_t i = 0; i < N; i++)
		chan_unref(own[i]);
	chan_unref(common);
	return 0;
}
