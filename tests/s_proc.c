// Goroutines and what runs them: trees of spawns from goroutines and threads, long-lived and short-lived; meanwhile they yield, sleep, pass
// values, tie themselves to their threads, change the number of processors, and end in every way. A tree's shape is in its seed:
// as many have run as it has nodes, and in the end nobody is left.
#include "t_sync.h"

enum { WORKERS = 8, THREADS = 3, DEPTH = 5, KIDS = 4, PROCS = 12 };

static int64_t finish;
static uint64_t spawned, ended; // A: of all trees
static garn_mutex mu;
static uint64_t counted; // under mu

struct tree {
	garn_waitgroup wg;
	uint32_t ran; // A
	chan(int) c;  // with room for one
};

static uint64_t seed_of(uint64_t seed, uint64_t i)
{
	struct t_rng r = t_rng(seed, i);
	return t_rand(&r);
}

static uint32_t kids(uint64_t seed, int depth)
{
	return depth > 0 ? seed_of(seed, KIDS) >> 20 & (KIDS - 1) : 0;
}

static uint32_t nodes(uint64_t seed, int depth)
{
	uint32_t n = 1;
	for (uint32_t i = 0; i < kids(seed, depth); i++)
		n += nodes(seed_of(seed, i), depth - 1);
	return n;
}

static int tid(void)
{
	return (int)syscall(SYS_gettid);
}

// ---- what a goroutine does besides --------------------------------------------------------------

// One value in and one out, or the other way round: somebody can always go on.
static void pass(struct tree *t, struct t_rng *r)
{
	int v;
	switch (chan_select(on_send(t->c, 1), on_recv(t->c, &v), on_timeout(GARN_US(t_below(r, 20))))) {
	case 0: CHECK_EQ(chan_recv(t->c), 1); break;
	case 1: chan_send(t->c, v); break;
	}
}

static void count(struct t_rng *r)
{
	garn_mutex_lock(&mu);
	if (t_below(r, 8) == 0)
		garn_yield();
	counted++;
	garn_mutex_unlock(&mu);
}

static void act(struct tree *t, struct t_rng *r)
{
	int old;
	switch (t_below(r, 8)) {
	case 0: garn_yield(); break;
	case 1: garn_sleep(GARN_US(t_below(r, 50))); break;
	case 2:
		for (uint64_t n = t_below(r, 10); n > 0; n--)
			garn_yield();
		break;
	case 3: t_moment((uint32_t)t_below(r, 2000)); break;
	case 4: pass(t, r); break;
	case 5: count(r); break;
	case 6:
		if (t_below(r, 8) == 0) {
			old = garn_gomaxprocs(1 + (int)t_below(r, PROCS));
			CHECK(old >= 1 && old <= PROCS);
		}
		break;
	}
}

// The same, and once in a while on one thread throughout; on a thread that is not ours the calls do nothing.
static void acts(struct tree *t, struct t_rng *r)
{
	bool tied = t_below(r, 16) == 0;
	int me = 0, err = (int)t_below(r, 100);
	if (tied) {
		garn_lock_os_thread();
		me = tid();
	}
	errno = err;
	for (uint64_t n = t_below(r, 4); n > 0; n--) {
		act(t, r);
		CHECK_EQ(errno, err);
		CHECK(!tied || tid() == me);
	}
	if (tied)
		garn_unlock_os_thread();
}

// ---- trees --------------------------------------------------------------------------------------

// From some frames further down.
static volatile int goexit_depth = 20;
__attribute__((noinline)) static int goexit_below(int depth)
{
	if (depth == goexit_depth)
		garn_goexit();
	return depth < 1000 ? goexit_below(depth + 1) + 1 : 0;
}

static void node(struct tree *t, uint64_t seed, int depth);

static void spawn(struct tree *t, struct t_rng *r, uint64_t seed, int depth)
{
	garn_waitgroup_add(&t->wg, 1);
	ADD(spawned, 1);
	if (t_below(r, 8) == 0)
		go_with(garn_attr(.stack = GARN_KB(16) << t_below(r, 6), .name = "node"), node, t, seed, depth);
	else
		go(node, t, seed, depth);
}

static void node(struct tree *t, uint64_t seed, int depth)
{
	struct t_rng r = t_rng(seed, 100);
	bool tied = t_below(&r, 32) == 0; // to its end
	uint64_t end = t_below(&r, 4);
	int me = 0;
	CHECK(garn_goid() > 1);
	if (tied) {
		garn_lock_os_thread();
		me = tid();
	}
	for (uint32_t i = 0, n = kids(seed, depth); i < n; i++) {
		acts(t, &r);
		spawn(t, &r, seed_of(seed, i), depth - 1);
	}
	acts(t, &r);
	CHECK(!tied || tid() == me);
	ADD(t->ran, 1);
	ADD(ended, 1);
	garn_waitgroup_done(&t->wg);
	if (end == 0)
		garn_goexit();
	else if (end == 1)
		goexit_below(0);
}

__attribute__((noinline)) static void tree(uint64_t seed)
{
	struct tree t = { .c = chan_make(int, 1) };
	struct t_rng r = t_rng(seed, 101);
	int depth = (int)t_below(&r, DEPTH + 1);
	spawn(&t, &r, seed, depth);
	acts(&t, &r);
	garn_waitgroup_wait(&t.wg);
	CHECK_EQ(t.ran, nodes(seed, depth));
	chan_unref(t.c);
	memset(&t, 0xdd, sizeof t);
	__asm__ volatile("" : : "r"(&t) : "memory");
}

static void *shortlived(void *arg)
{
	tree(*(uint64_t *)arg);
	return NULL;
}

struct user {
	uint64_t seed;
	bool isthread;
};

static void work(void *arg)
{
	struct user *u = arg;
	struct t_rng r = t_rng(u->seed, 102);
	while (t_now() < finish) {
		uint64_t seed = t_rand(&r);
		pthread_t t;
		// Only a thread may wait for another: a goroutine's would be missing meanwhile.
		if (u->isthread && t_below(&r, 4) == 0) {
			CHECK_EQ(pthread_create(&t, NULL, shortlived, &seed), 0);
			tree(t_rand(&r));
			CHECK_EQ(pthread_join(t, NULL), 0);
		} else {
			tree(seed);
		}
	}
}

int main(void)
{
	struct t_worker w[WORKERS];
	struct user u[WORKERS];
	int procs = garn_gomaxprocs(0);
	CHECK(procs <= PROCS);
	t_seed();
	finish = t_now() + t_stress_time();
	for (int i = 0; i < WORKERS; i++) {
		u[i] = (struct user){ seed_of(t_seed(), (uint64_t)i), i < THREADS };
		t_start(&w[i], u[i].isthread, work, &u[i]);
	}
	for (int i = 0; i < WORKERS; i++)
		t_join(&w[i]);
	CHECK_EQ(GET(spawned), GET(ended));
	// Who has said that he ends may still be on his way.
	for (int k = 0; garn_num_goroutines() != 1; k++)
		t_rest(k);
	garn_gomaxprocs(procs);
	printf("%llu goroutines\n", (unsigned long long)spawned);
	return 0;
}
