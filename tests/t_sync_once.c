// garn_once: the function runs once, whoever comes first; the others return only when it is done; also when it waits itself,
// uses another once, or is called from threads; and the last caller may free it.
#include "t_sync.h"

enum { N = 20, ROUNDS = T_SCALED(3000) };

static garn_once once, inner;
static uint32_t runs, finished, arrived, inner_runs;

static void reset(void)
{
	once = inner = (garn_once){ { 0 } };
	runs = finished = arrived = inner_runs = 0;
}

static void quick(void)
{
	ADD(runs, 1);
	SET(finished, 1);
}

static void run_inner(void)
{
	ADD(inner_runs, 1);
}

// Waits in every way there is before it is done.
static void slow(void)
{
	CHECK_EQ(ADD(runs, 1), 1);
	t_await(&arrived, N);
	for (int i = 0; i < 20; i++)
		garn_yield();
	garn_sleep(GARN_US(200));
	garn_once_do(&inner, run_inner);
	SET(finished, 1);
}

static void call_slow(void *arg)
{
	(void)arg;
	ADD(arrived, 1);
	garn_once_do(&once, slow);
	CHECK_EQ(GET(finished), 1);
	CHECK_EQ(GET(runs), 1);
}

static void call_quick(void *arg)
{
	(void)arg;
	garn_once_do(&once, quick);
	CHECK_EQ(GET(finished), 1);
	CHECK_EQ(GET(runs), 1);
}

static void all_call(void (*fn)(void *), int threads)
{
	struct t_worker w[N];
	reset();
	for (int i = 0; i < N; i++)
		t_start(&w[i], i < threads, fn, NULL);
	for (int i = 0; i < N; i++)
		t_join(&w[i]);
	CHECK_EQ(runs, 1);
	garn_once_do(&once, run_inner);
	CHECK_EQ(inner_runs, fn == call_slow ? 1 : 0);
}

struct box {
	garn_once o;
	uint32_t users;
};

static uint32_t shared_runs;

static void count(void)
{
	ADD(shared_runs, 1);
}

static void last_frees(void *arg)
{
	struct box *b = arg;
	garn_once_do(&b->o, count);
	if (ADD(b->users, -1) == 0) {
		memset(b, 0xdd, sizeof *b);
		free(b);
	}
}

static void freed(int threads)
{
	int rounds = threads ? ROUNDS / 20 : ROUNDS;
	shared_runs = 0;
	for (int i = 0; i < rounds; i++) {
		struct box *b = calloc(1, sizeof *b);
		struct t_worker w[4];
		b->users = 4;
		for (int j = 0; j < 4; j++)
			t_start(&w[j], j < threads, last_frees, b);
		for (int j = 0; j < 4; j++)
			t_join(&w[j]);
	}
	CHECK_EQ(shared_runs, rounds);
}

// The one who ran it is still on the way out when another, who came second, frees it.
static uint32_t started, second_came;

static void wait_for_second(void)
{
	SET(started, 1);
	for (int i = 0; !GET(second_came); i++) {
		t_rest(i);
		for (int j = 0; j < 2000 && !GET(second_came); j++) // so that it goes on at once
			;
	}
}

static void run_it(void *o)
{
	garn_once_do(o, wait_for_second);
}

static void freed_by_second(bool thread)
{
	for (int i = 0; i < (thread ? ROUNDS / 20 : ROUNDS); i++) {
		garn_once *o = calloc(1, sizeof *o);
		struct t_worker w;
		started = second_came = 0;
		t_start(&w, thread, run_it, o);
		t_await(&started, 1);
		SET(second_came, 1);
		t_moment((uint32_t)i * 37 % 10000);
		garn_once_do(o, count);
		memset(o, 0xdd, sizeof *o);
		free(o);
		t_join(&w);
	}
}

int main(void)
{
	for (int threads = 0; threads <= N; threads += N / 2) {
		all_call(call_slow, threads);
		for (int i = 0; i < T_SCALED(100); i++)
			all_call(call_quick, threads == N ? 4 : threads / 4);
	}
	freed(0);
	freed(2);
	freed_by_second(false);
	freed_by_second(true);
	return 0;
}
