// Goroutines parked for long cost no more than 700 bytes each when they are packed, at the default size: stack, page table, descriptor and all. What is on
// their stacks is as it was when they go on, in whatever order, some of them touched by others before.
// FLAGS: -DALL
// FLAGS: -DALONE_BY_ATTRIBUTE
// ENV: GARN_PACK=100
// SAN: no-address no-thread (nothing is packed under them)
#include "t_memory.h"
#include "t_pack.h"

enum { N = T_SCALED(20000), MOST = 700, WORDS = 8, AT_A_TIME = 500 };
static garn_waitgroup wg;
static garn_chan_of(uint32_t) gate[N];
static volatile uint64_t *place[N];
static uint64_t seed;
static uint32_t running;

__attribute__((noinline)) static int deep(uint32_t n)
{
	volatile char a[30000];
	memset((char *)a, (int)n, sizeof a);
	return a[n % sizeof a];
}

static void parked(uint32_t n)
{
	volatile uint64_t mine[WORDS];
	for (int i = 0; i < WORDS; i++)
		mine[i] = n * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)i;
	place[n] = mine;
	if (n % 32 == 0)
		deep(n);
	ADD(running, 1);
	CHECK_EQ(chan_recv(gate[n]), n + 1);
	for (int i = 0; i < WORDS; i++)
		CHECK_EQ(mine[i], n * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)i);
	garn_waitgroup_done(&wg);
}

static void start(uint32_t n)
{
#ifdef ALONE_BY_ATTRIBUTE
	go_with(garn_attr(.pack = true), parked, n);
#else
	go(parked, n);
#endif
}

// The numbers to N in a random order.
static uint32_t *shuffled(void)
{
	struct t_rng r = t_rng(seed, 0);
	uint32_t *at = malloc(N * sizeof *at);
	CHECK(at != NULL);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t j = (uint32_t)t_below(&r, i + 1);
		at[i] = at[j];
		at[j] = i;
	}
	return at;
}

int main(void)
{
	t_need_packing();
	seed = t_seed();
	uint32_t *order = shuffled();
	for (int i = 0; i < N; i++)
		gate[i] = garn_make(uint32_t, 0);
	memset(place, 1, sizeof place);
	garn_waitgroup_add(&wg, N);
	long before = t_memory_kb();
	for (uint32_t i = 0; i < N; i++) {
		start(i);
		if (i % AT_A_TIME == 0) // what starting takes is none of this
			t_await(&running, i + 1);
	}
	t_await(&running, N);
	long waiting = t_memory_kb();
	for (int i = 0; i < N; i++)
		t_await_packed(place[i]);
	long packed = t_memory_kb();
	long each = (packed - before) * 1024 / N;
	printf("bytes each: %ld waiting, %ld packed\n", (waiting - before) * 1024 / N, each);
	CHECK(T_SCALE > 1 || each <= MOST);
	CHECK(packed < waiting);
	garn_stats s;
	garn_read_stats(&s);
	CHECK(s.packed.now >= N && s.packed.ever >= s.packed.now);
	CHECK(s.packed.bytes >= N * (size_t)WORDS * 8 && s.packed.bytes < N * (size_t)MOST);
	for (int i = 0; i < N; i += 7)
		CHECK_EQ(place[i][3], i * UINT64_C(0x9e3779b97f4a7c15) + 3);
	garn_read_stats(&s);
	CHECK(s.packed.by_access >= N / 7);
	for (int i = 0; i < N; i++)
		chan_send(gate[order[i]], order[i] + 1);
	garn_waitgroup_wait(&wg);
	garn_read_stats(&s);
	CHECK(s.packed.by_waker >= N / 7 * 5);
	CHECK(s.packed.now <= 1); // main, perhaps
	return 0;
}
