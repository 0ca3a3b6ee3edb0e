// garn_sem: as many inside as there are units; release wakes who waits; as a lock, as a counter, between threads and goroutines;
// whoever gets the unit may free it.
#include "t_sync.h"

enum { WORKERS = 10, EACH = T_SCALED(2000) };

struct room {
	garn_sem s;
	uint32_t inside, most, entries; // A
	uint64_t n;                     // under s when it is a lock
	uint32_t limit;
};

static void enter(void *arg)
{
	struct room *r = arg;
	for (int i = 0; i < EACH; i++) {
		if (i % 4 == 3) {
			if (!garn_sem_try(&r->s))
				continue;
		} else {
			garn_sem_acquire(&r->s);
		}
		uint32_t n = ADD(r->inside, 1);
		CHECK(n <= r->limit);
		ADD(r->entries, 1);
		if (r->limit == 1)
			r->n++;
		if (i % 32 == 0)
			garn_yield();
		ADD(r->inside, -1);
		garn_sem_release(&r->s);
	}
}

static void limited(uint32_t limit, int threads)
{
	struct room r = { .limit = limit };
	struct t_worker w[WORKERS];
	for (uint32_t i = 0; i < limit; i++)
		garn_sem_release(&r.s);
	for (int i = 0; i < WORKERS; i++)
		t_start(&w[i], i < threads, enter, &r);
	for (int i = 0; i < WORKERS; i++)
		t_join(&w[i]);
	if (limit == 1)
		CHECK_EQ(r.n, r.entries);
	for (uint32_t i = 0; i < limit; i++)
		CHECK(garn_sem_try(&r.s));
	CHECK(!garn_sem_try(&r.s));
}

// ---- what is released is acquired -------------------------------------------------------------------

struct tokens {
	garn_sem s;
	uint32_t arrived, got;
};

static void take(void *arg)
{
	struct tokens *t = arg;
	ADD(t->arrived, 1);
	garn_sem_acquire(&t->s);
	ADD(t->got, 1);
}

static void one_wakes_one(int threads)
{
	struct tokens t = { .got = 0 };
	struct t_worker w[12];
	for (int i = 0; i < 12; i++)
		t_start(&w[i], i < threads, take, &t);
	t_await(&t.arrived, 12);
	t_settle();
	CHECK_EQ(GET(t.got), 0);
	CHECK(!garn_sem_try(&t.s));
	for (uint32_t i = 0; i < 6; i++) {
		garn_sem_release(&t.s);
		t_await(&t.got, i + 1);
		t_settle();
		CHECK_EQ(GET(t.got), i + 1);
	}
	for (int i = 0; i < 8; i++) // two too many: they stay
		garn_sem_release(&t.s);
	for (int i = 0; i < 12; i++)
		t_join(&w[i]);
	CHECK(garn_sem_try(&t.s));
	CHECK(garn_sem_try(&t.s));
	CHECK(!garn_sem_try(&t.s));
}

static void give_many(void *arg)
{
	garn_sem *s = arg;
	for (int i = 0; i < EACH; i++) {
		garn_sem_release(s);
		if (i % 64 == 0)
			garn_yield();
	}
}

static void take_many(void *arg)
{
	garn_sem *s = arg;
	for (int i = 0; i < EACH; i++)
		garn_sem_acquire(s);
}

static void balanced(int threads)
{
	garn_sem s = { { 0 } };
	struct t_worker g[6], t[6];
	for (int i = 0; i < 6; i++) {
		t_start(&t[i], i < threads, take_many, &s);
		t_start(&g[i], i < threads, give_many, &s);
	}
	for (int i = 0; i < 6; i++) {
		t_join(&g[i]);
		t_join(&t[i]);
	}
	CHECK(!garn_sem_try(&s));
}

// ---- many at different addresses --------------------------------------------------------------------

static garn_sem ring[2000];

static void pass_on(uint32_t i, uint32_t n, int rounds)
{
	for (int k = 0; k < rounds; k++) {
		garn_sem_acquire(&ring[i]);
		garn_sem_release(&ring[(i + 1) % n]);
	}
}

// All wait at once, each for its own; the token goes round.
static void many_addresses(uint32_t n, int rounds)
{
	memset(ring, 0, sizeof ring);
	for (uint32_t i = 1; i < n; i++)
		go(pass_on, i, n, rounds);
	for (int i = 0; i < 10; i++)
		garn_yield();
	garn_sem_release(&ring[0]);
	pass_on(0, n, rounds);
	garn_sem_acquire(&ring[0]); // it has been round
}

// ---- the end ----------------------------------------------------------------------------------------

static void say_done(void *arg)
{
	garn_sem_release(arg);
}

static void freed(bool thread)
{
	for (int i = 0; i < T_SCALED(thread ? 500 : 20000); i++) {
		garn_sem *s = calloc(1, sizeof *s);
		struct t_worker w;
		t_start(&w, thread, say_done, s);
		if (i % 3 == 0)
			for (int j = 0; !garn_sem_try(s); j++)
				t_rest(j);
		else
			garn_sem_acquire(s);
		memset(s, 0xdd, sizeof *s);
		free(s);
		t_join(&w);
	}
}

int main(void)
{
	limited(1, 0);
	limited(1, 4);
	limited(3, 0);
	limited(3, WORKERS);
	one_wakes_one(0);
	one_wakes_one(5);
	balanced(0);
	balanced(2);
	balanced(6);
	many_addresses(2, T_SCALED(2000));
	many_addresses(2000 / T_SCALE, 5);
	freed(false);
	freed(true);
	return 0;
}
