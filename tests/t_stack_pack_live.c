// What lives on packed stacks, in all shapes: buffers from a few bytes to 40 KB, on one page or on many, empty, sparse or full. All is as it was, byte by byte, for
// the goroutine and for others. What is mostly zero is packed however large it is, up to 30 KB; what is full and large is not, as little would be saved.
// ENV: GARN_PACK=20
// SAN: no-address no-thread (nothing is packed under them)
#include "t_pack.h"
#include <alloca.h>

enum { N = 240, ROUNDS = 3, MOST = 40000 };

static struct one {
	size_t size;
	uint32_t percent; // of its words are not zero
	uint64_t *volatile at;
	garn_sem go;
} them[N];
static uint64_t seed;
static uint32_t running;
static garn_waitgroup wg;

static uint64_t word(struct t_rng *r, uint32_t percent)
{
	return t_below(r, 100) < percent ? t_below(r, UINT64_MAX) | 1 : 0;
}

static void as_it_was(int n, int round)
{
	struct t_rng r = t_rng(seed, n * ROUNDS + round);
	for (size_t i = 0; i < them[n].size / 8; i++)
		CHECK_EQ(them[n].at[i], word(&r, them[n].percent));
}

static void holds(int n)
{
	struct one *me = &them[n];
	uint64_t *mine = alloca(me->size + 1);
	me->at = mine;
	for (int round = 0; round < ROUNDS; round++) {
		struct t_rng r = t_rng(seed, n * ROUNDS + round);
		for (size_t i = 0; i < me->size / 8; i++)
			mine[i] = word(&r, me->percent);
		ADD(running, 1);
		garn_sem_acquire(&me->go);
		as_it_was(n, round);
	}
	garn_waitgroup_done(&wg);
}

static bool sparse(struct one *o)
{
	return o->size <= 30000 && o->percent <= 10;
}

static bool full(struct one *o)
{
	return o->size >= 6300 && o->percent >= 98;
}

int main(void)
{
	int sparse_ones = 0, full_ones = 0;
	t_need_packing();
	seed = t_seed();
	struct t_rng r = t_rng(seed, N * ROUNDS);
	garn_waitgroup_add(&wg, N);
	for (int i = 0; i < N; i++) {
		them[i].size = t_below(&r, 2) ? t_below(&r, 600) & ~7ul : t_below(&r, MOST) & ~7ul;
		them[i].percent = (const uint32_t[]){ 0, 3, 10, 50, 100, 100 }[t_below(&r, 6)];
		go(holds, i);
	}
	for (int round = 0; round < ROUNDS; round++) {
		t_await(&running, (uint32_t)(N * (round + 1)));
		for (int i = 0; i < N; i++)
			if (sparse(&them[i]) && them[i].size)
				t_await_packed(them[i].at + them[i].size / 16), sparse_ones += them[i].size > 4096;
		for (int i = 0; i < N; i++)
			if (full(&them[i]))
				CHECK(!t_packed(them[i].at + them[i].size / 16)), full_ones++;
		for (int i = round; i < N; i += 2)
			as_it_was(i, round);
		for (int i = 0; i < N; i++)
			garn_sem_release(&them[i].go);
	}
	garn_waitgroup_wait(&wg);
	garn_stats s;
	garn_read_stats(&s);
	CHECK(s.packed.by_access > 0 && s.packed.by_running > 0);
	CHECK(sparse_ones > 0 && full_ones > 0);
	printf("%d large ones packed, %d full ones not\n", sparse_ones, full_ones);
	return 0;
}
