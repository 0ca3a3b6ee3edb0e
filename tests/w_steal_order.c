// The order in which a thief looks at the others: every one once a round, whatever the start and the step; every start and every
// step that is coprime to the number occurs, about equally often. Sizes: 1 to 130 and some up to 1024.
// LINK: sched/runq.c
#include "sched/runq.h"
#include "test.h"

enum { MOST = 1024 };

static uint32_t gcd_slow(uint32_t a, uint32_t b)
{
	uint32_t g = 1;
	for (uint32_t d = 2; d <= a && d <= b; d++)
		if (a % d == 0 && b % d == 0)
			g = d;
	return g;
}

static struct randomorder one_round(uint32_t n, uint32_t rnd)
{
	static uint32_t seen[MOST], round;
	struct randomorder o = randomorder_start(n, rnd), start = o;
	uint32_t visited = 0, last = 0, step = n;
	round++;
	do {
		CHECK(o.pos < n);
		CHECK(seen[o.pos] != round);
		seen[o.pos] = round;
		if (visited > 0) {
			uint32_t d = (o.pos + n - last) % n;
			CHECK(step == n || step == d); // the same all the time
			step = d;
		}
		last = o.pos;
		visited++;
		CHECK(visited <= n);
	} while (randomorder_next(&o));
	CHECK_EQ(visited, n);
	CHECK(!randomorder_next(&o));
	return start;
}

// Over many random numbers: each start within 10 sigma of its share, each coprime step present.
static void all_orders(uint32_t n, struct t_rng *r)
{
	enum { TRIALS = 20000 };
	static uint32_t starts[MOST], steps[MOST];
	memset(starts, 0, sizeof starts);
	memset(steps, 0, sizeof steps);
	for (int i = 0; i < TRIALS; i++) {
		struct randomorder o = n <= 16 || i < 50 ? one_round(n, (uint32_t)t_rand(r)) : randomorder_start(n, (uint32_t)t_rand(r));
		CHECK(o.pos < n && (n == 1 || (o.inc > 0 && o.inc < n)));
		starts[o.pos]++;
		steps[o.inc]++;
	}
	for (uint32_t i = 0; i < n && n > 1; i++) {
		int64_t off = (int64_t)starts[i] * n - TRIALS;
		CHECK(off * off <= (int64_t)100 * TRIALS * (n - 1));
		bool coprime = i > 0 && gcd_slow(i, n) == 1;
		CHECK_EQ(steps[i] > 0, coprime);
	}
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	for (uint32_t n = 1; n <= 130; n++) {
		all_orders(n, &r);
		one_round(n, 0);
		one_round(n, UINT32_MAX);
		one_round(n, 0xffff);
		one_round(n, 0xffff0000u);
	}
	for (uint32_t n = 131; n <= MOST; n += 19)
		for (int i = 0; i < 20; i++)
			one_round(n, (uint32_t)t_rand(&r));
	one_round(MOST, 12345);
	return 0;
}
