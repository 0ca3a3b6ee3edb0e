// garn_mutex: one holder at a time, among goroutines and threads; trylock; unlock by another than who locked; a hog does not
// keep the others out; and the next owner may free it.
#include "t_sync.h"

enum { WORKERS = 10, EACH = T_SCALED(3000) };

// ---- exclusion --------------------------------------------------------------------------------------

struct counter {
	garn_mutex m;
	uint32_t inside;   // A, to look from outside the lock
	uint64_t n, check; // under m
	uint32_t locked;   // A: how often trylock succeeded or lock was called
};

static void hammer(void *arg)
{
	struct counter *c = arg;
	for (int i = 0; i < EACH; i++) {
		if (i % 3 == 0) {
			if (!garn_mutex_trylock(&c->m))
				continue;
		} else {
			garn_mutex_lock(&c->m);
		}
		ADD(c->locked, 1);
		CHECK_EQ(ADD(c->inside, 1), 1);
		c->n++;
		if (i % 64 == 0)
			garn_yield();
		c->check = c->n * 3;
		CHECK_EQ(ADD(c->inside, -1), 0);
		garn_mutex_unlock(&c->m);
	}
}

static void exclusion(int threads)
{
	struct counter c = { .n = 0 };
	struct t_worker w[WORKERS];
	for (int i = 0; i < WORKERS; i++)
		t_start(&w[i], i < threads, hammer, &c);
	for (int i = 0; i < WORKERS; i++)
		t_join(&w[i]);
	CHECK_EQ(c.n, c.locked);
	CHECK_EQ(c.check, 3 * c.n);
	CHECK(garn_mutex_trylock(&c.m));
	CHECK(!garn_mutex_trylock(&c.m));
	garn_mutex_unlock(&c.m);
}

// Many mutexes side by side, and each guards what lies beside it.
static void many(void *arg)
{
	struct counter *c = arg;
	struct t_rng r = t_rng(t_seed(), (uint64_t)(uintptr_t)&r);
	for (int i = 0; i < EACH; i++) {
		struct counter *a = &c[t_below(&r, 100)];
		garn_mutex_lock(&a->m);
		a->n++;
		if (i % 16 == 0)
			garn_yield();
		a->check++;
		CHECK_EQ(a->n, a->check);
		garn_mutex_unlock(&a->m);
	}
}

static void side_by_side(void)
{
	static struct counter c[100];
	struct t_worker w[WORKERS];
	uint64_t sum = 0;
	for (int i = 0; i < WORKERS; i++)
		t_start(&w[i], i < 2, many, c);
	for (int i = 0; i < WORKERS; i++)
		t_join(&w[i]);
	for (int i = 0; i < 100; i++)
		sum += c[i].n;
	CHECK_EQ(sum, WORKERS * EACH);
}

// ---- who may unlock ---------------------------------------------------------------------------------

struct handed {
	garn_mutex m;
	uint32_t arrived, got;
};

static void get(void *arg)
{
	struct handed *h = arg;
	ADD(h->arrived, 1);
	garn_mutex_lock(&h->m);
	ADD(h->got, 1);
}

static void release(void *arg)
{
	struct handed *h = arg;
	garn_mutex_unlock(&h->m);
}

static void by_another(bool thread)
{
	struct handed h = { .got = 0 };
	struct t_worker a, b;
	garn_mutex_lock(&h.m);
	t_start(&a, false, get, &h);
	t_await(&h.arrived, 1);
	t_settle();
	CHECK_EQ(GET(h.got), 0);
	CHECK(!garn_mutex_trylock(&h.m));
	t_start(&b, thread, release, &h);
	t_join(&a);
	t_join(&b);
	CHECK_EQ(h.got, 1);
	garn_mutex_unlock(&h.m);
	garn_mutex_lock(&h.m);
	garn_mutex_unlock(&h.m);
}

// Several wait: each unlock lets in exactly one.
static void one_each(void)
{
	struct handed h = { .got = 0 };
	struct t_worker w[8];
	garn_mutex_lock(&h.m);
	for (int i = 0; i < 8; i++)
		t_start(&w[i], i % 3 == 1, get, &h);
	t_await(&h.arrived, 8);
	t_settle();
	for (uint32_t i = 0; i < 8; i++) {
		CHECK_EQ(GET(h.got), i);
		garn_mutex_unlock(&h.m);
		t_await(&h.got, i + 1);
		t_settle();
		CHECK_EQ(GET(h.got), i + 1);
	}
	for (int i = 0; i < 8; i++)
		t_join(&w[i]);
	garn_mutex_unlock(&h.m);
}

// ---- fairness ---------------------------------------------------------------------------------------

struct greed {
	garn_mutex m;
	uint32_t stop;
};

// Holds it nearly all the time: lets go and takes it again at once.
static void hog(void *arg)
{
	struct greed *g = arg;
	while (!GET(g->stop)) {
		garn_mutex_lock(&g->m);
		garn_sleep(GARN_US(100));
		garn_mutex_unlock(&g->m);
	}
}

static void busy_hog(void *arg)
{
	struct greed *g = arg;
	while (!GET(g->stop)) {
		garn_mutex_lock(&g->m);
		for (int64_t end = t_now() + 100000; t_now() < end;)
			;
		garn_mutex_unlock(&g->m);
		if (garn_gomaxprocs(0) == 1 && garn_goid() != 0)
			garn_yield(); // on one P nobody else would ever run
	}
}

static void modest(void (*bad)(void *), int hogs, bool thread)
{
	struct greed g = { .stop = 0 };
	struct t_worker w[2];
	for (int i = 0; i < hogs; i++)
		t_start(&w[i], thread, bad, &g);
	for (int i = 0; i < 10; i++) {
		garn_sleep(GARN_US(100));
		garn_mutex_lock(&g.m);
		garn_mutex_unlock(&g.m);
	}
	SET(g.stop, 1);
	for (int i = 0; i < hogs; i++)
		t_join(&w[i]);
}

// Who has waited for more than a millisecond is handed the mutex: the one who lets go of it does not get it back first, however
// quick he is.
struct patience {
	garn_mutex m;
	uint32_t arrived, got, leave;
};

static void wait_long(void *arg)
{
	struct patience *p = arg;
	ADD(p->arrived, 1);
	garn_mutex_lock(&p->m);
	SET(p->got, 1);
	t_await(&p->leave, 1);
	garn_mutex_unlock(&p->m);
}

static void handed_over(bool thread)
{
	struct patience p = { .got = 0 };
	struct t_worker w;
	garn_mutex_lock(&p.m);
	t_start(&w, thread, wait_long, &p);
	t_await(&p.arrived, 1);
	t_settle();
	garn_sleep(GARN_MS(3));
	garn_mutex_unlock(&p.m);
	CHECK(!garn_mutex_trylock(&p.m));
	t_await(&p.got, 1);
	SET(p.leave, 1);
	t_join(&w);
}

// ---- the end of a mutex -----------------------------------------------------------------------------

struct box {
	garn_mutex m;
	int users; // under m
};

static void last_frees(void *arg)
{
	struct box *b = arg;
	garn_mutex_lock(&b->m);
	bool last = --b->users == 0;
	garn_mutex_unlock(&b->m);
	if (last) {
		memset(b, 0xdd, sizeof *b);
		free(b);
	}
}

static void freed_by_next_owner(int threads)
{
	for (int i = 0; i < T_SCALED(threads ? 200 : 10000); i++) {
		struct box *b = calloc(1, sizeof *b);
		struct t_worker w[3];
		b->users = 3;
		for (int j = 0; j < 3; j++)
			t_start(&w[j], j < threads, last_frees, b);
		for (int j = 0; j < 3; j++)
			t_join(&w[j]);
	}
}

int main(void)
{
	t_seed();
	exclusion(0);
	exclusion(3);
	exclusion(WORKERS);
	side_by_side();
	by_another(false);
	by_another(true);
	one_each();
	modest(hog, 1, false);
	modest(hog, 2, false);
	modest(hog, 1, true);
	modest(busy_hog, 1, false);
	modest(busy_hog, 2, true);
	for (int i = 0; i < 10; i++)
		handed_over(i % 2);
	freed_by_next_owner(0);
	freed_by_next_owner(2);
	return 0;
}
