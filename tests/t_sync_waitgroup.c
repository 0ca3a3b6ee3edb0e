// garn_waitgroup: nobody passes before the count is zero, everybody after; used again and again; and it may lie on the stack
// of the one who waits, gone the moment that one returns. (Below zero: x_sync_waitgroup.)
#include "t_sync.h"

enum { N = 16, ROUNDS = T_SCALED(20000) };

struct barrier {
	garn_waitgroup one, two;
	uint32_t exited, arrived, waiting;
};

static void both_ways(void *arg)
{
	struct barrier *b = arg;
	garn_waitgroup_done(&b->one);
	garn_waitgroup_wait(&b->two);
	ADD(b->exited, 1);
}

static void barrier(int threads)
{
	struct barrier b = { .exited = 0 };
	struct t_worker w[N];
	for (int round = 0; round < 8; round++) {
		b.exited = 0;
		garn_waitgroup_add(&b.one, N);
		garn_waitgroup_add(&b.two, N);
		for (int i = 0; i < N; i++)
			t_start(&w[i], i < threads, both_ways, &b);
		garn_waitgroup_wait(&b.one);
		for (int i = 0; i < N; i++) {
			CHECK_EQ(GET(b.exited), 0); // the last done is still to come
			garn_waitgroup_done(&b.two);
		}
		for (int i = 0; i < N; i++)
			t_join(&w[i]);
		CHECK_EQ(b.exited, N);
	}
}

// Zero is no obstacle, and many may wait at once.
static void wait_one(void *arg)
{
	struct barrier *b = arg;
	ADD(b->arrived, 1);
	garn_waitgroup_wait(&b->one);
	ADD(b->exited, 1);
}

static void crowd(int threads)
{
	struct barrier b = { .exited = 0 };
	struct t_worker w[N];
	garn_waitgroup_wait(&b.one);
	garn_waitgroup_add(&b.one, 0);
	garn_waitgroup_wait(&b.one);
	garn_waitgroup_add(&b.one, 5);
	garn_waitgroup_add(&b.one, -3);
	for (int i = 0; i < N; i++)
		t_start(&w[i], i < threads, wait_one, &b);
	t_await(&b.arrived, N);
	t_settle();
	garn_waitgroup_done(&b.one);
	garn_waitgroup_add(&b.one, 1);
	garn_waitgroup_done(&b.one);
	t_settle();
	CHECK_EQ(GET(b.exited), 0);
	garn_waitgroup_done(&b.one);
	for (int i = 0; i < N; i++)
		t_join(&w[i]);
	CHECK_EQ(b.exited, N);
	garn_waitgroup_wait(&b.one);
}

// ---- on the waiter's stack --------------------------------------------------------------------------

static void add_and_done(uint32_t *n, garn_waitgroup *wg)
{
	ADD(*n, 1);
	garn_waitgroup_done(wg);
}

__attribute__((noinline)) static void on_the_stack(int workers)
{
	garn_waitgroup wg = { { 0 } };
	uint32_t n = 0;
	garn_waitgroup_add(&wg, workers);
	for (int i = 0; i < workers; i++)
		go(add_and_done, &n, &wg);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(n, workers);
	memset(&wg, 0xdd, sizeof wg);
	__asm__ volatile("" : : "r"(&wg) : "memory");
}

static void scribble(void)
{
	volatile char c[400];
	memset((char *)c, 0xee, sizeof c);
}

static void stacks(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS / 8; i++) {
		on_the_stack(1 + i % 3);
		scribble();
	}
}

// As a tree: every inner node waits for two, on its own stack.
static void tree(int depth, uint32_t *leaves, garn_waitgroup *parent)
{
	if (depth == 0) {
		ADD(*leaves, 1);
	} else {
		garn_waitgroup wg = { { 0 } };
		garn_waitgroup_add(&wg, 2);
		go(tree, depth - 1, leaves, &wg);
		go(tree, depth - 1, leaves, &wg);
		garn_waitgroup_wait(&wg);
		memset(&wg, 0xdd, sizeof wg);
		__asm__ volatile("" : : "r"(&wg) : "memory");
	}
	if (parent != NULL)
		garn_waitgroup_done(parent);
}

// ---- in memory that is freed ------------------------------------------------------------------------

static void done_one(void *arg)
{
	garn_waitgroup_done(arg);
}

static void freed(bool thread)
{
	for (int i = 0; i < (thread ? ROUNDS / 40 : ROUNDS); i++) {
		garn_waitgroup *wg = calloc(1, sizeof *wg);
		struct t_worker w[2];
		int n = 1 + i % 2;
		garn_waitgroup_add(wg, n);
		for (int j = 0; j < n; j++)
			t_start(&w[j], thread, done_one, wg);
		garn_waitgroup_wait(wg);
		memset(wg, 0xdd, sizeof *wg);
		free(wg);
		for (int j = 0; j < n; j++)
			t_join(&w[j]);
	}
}

// ---- used again -------------------------------------------------------------------------------------

struct again {
	garn_waitgroup wg;
	garn_sem start[4];
	uint32_t n;
};

static void turn(struct again *a, int i)
{
	for (int k = 0; k < ROUNDS / 4; k++) {
		garn_sem_acquire(&a->start[i]);
		ADD(a->n, 1);
		garn_waitgroup_done(&a->wg);
	}
}

static void reuse(void)
{
	static struct again a;
	for (int i = 0; i < 4; i++)
		go(turn, &a, i);
	for (uint32_t k = 0; k < ROUNDS / 4; k++) {
		garn_waitgroup_add(&a.wg, 4);
		for (int i = 0; i < 4; i++)
			garn_sem_release(&a.start[i]);
		garn_waitgroup_wait(&a.wg);
		CHECK_EQ(GET(a.n), 4 * (k + 1));
	}
}

int main(void)
{
	for (int threads = 0; threads <= N; threads += N / 2) {
		barrier(threads);
		crowd(threads);
	}
	struct t_worker w[4];
	for (int i = 0; i < 4; i++)
		t_start(&w[i], i == 3, stacks, NULL);
	for (int i = 0; i < 4; i++)
		t_join(&w[i]);
	for (int i = 0; i < 3; i++) {
		uint32_t leaves = 0;
		int depth = T_SCALE > 1 ? 8 : 12;
		tree(depth, &leaves, NULL);
		CHECK_EQ(leaves, 1u << depth);
	}
	freed(false);
	freed(true);
	reuse();
	return 0;
}
