// All locks at once, by goroutines and threads: shared mutexes, rwmutexes, semaphores, conds with a buffer, groups on the waiters'
// stacks, onces; and places in memory that are made into one kind of lock after another, each freed by the last to leave it
// while the others may still be on their way out.
#include "t_sync.h"

enum { WORKERS = 16, THREADS = 4, SHARED = 5, PLACES = 8, LIMIT = 3, ITEMS = 4 };

static struct shared {
	garn_mutex m;
	uint64_t n, n3; // under m
	garn_rwmutex rw;
	uint64_t v[4]; // under rw
	uint32_t in;   // A: 1 a reader, 1000 a writer
	garn_sem s;
	uint32_t inside; // A
	garn_mutex bm;
	garn_cond notfull, notempty;
	uint32_t items[ITEMS], nitems; // under bm
	uint64_t put, got;         // under bm
} shared[SHARED];

static int64_t finish;
static uint64_t ops; // A

static void use_mutex(struct shared *x, struct t_rng *r)
{
	if (t_below(r, 4) == 0) {
		if (!garn_mutex_trylock(&x->m))
			return;
	} else {
		garn_mutex_lock(&x->m);
	}
	CHECK_EQ(x->n * 3, x->n3);
	x->n++;
	if (t_below(r, 8) == 0)
		garn_yield();
	x->n3 += 3;
	garn_mutex_unlock(&x->m);
}

static void use_rwmutex(struct shared *x, struct t_rng *r)
{
	if (t_below(r, 4)) {
		garn_rwmutex_rlock(&x->rw);
		CHECK(ADD(x->in, 1) < 1000);
		for (int i = 1; i < 4; i++)
			CHECK_EQ(x->v[i], x->v[0]);
		if (t_below(r, 8) == 0)
			garn_yield();
		ADD(x->in, -1);
		garn_rwmutex_runlock(&x->rw);
	} else {
		garn_rwmutex_lock(&x->rw);
		CHECK_EQ(ADD(x->in, 1000), 1000);
		for (uint64_t i = 0, pause = t_below(r, 16); i < 4; i++) {
			x->v[i]++;
			if (i == pause)
				garn_yield();
		}
		CHECK_EQ(ADD(x->in, -1000), 0);
		garn_rwmutex_unlock(&x->rw);
	}
}

static void use_sem(struct shared *x, struct t_rng *r)
{
	if (t_below(r, 4) == 0) {
		if (!garn_sem_try(&x->s))
			return;
	} else {
		garn_sem_acquire(&x->s);
	}
	CHECK(ADD(x->inside, 1) <= LIMIT);
	if (t_below(r, 4) == 0)
		garn_yield();
	ADD(x->inside, -1);
	garn_sem_release(&x->s);
}

static void put(struct shared *x, uint32_t v, struct t_rng *r)
{
	bool all = t_below(r, 8) == 0, early = t_below(r, 2);
	garn_mutex_lock(&x->bm);
	while (x->nitems == ITEMS)
		garn_cond_wait(&x->notfull, &x->bm);
	x->items[x->nitems++] = v;
	x->put += v;
	if (early)
		garn_mutex_unlock(&x->bm);
	if (all)
		garn_cond_broadcast(&x->notempty);
	else
		garn_cond_signal(&x->notempty);
	if (!early)
		garn_mutex_unlock(&x->bm);
}

static void get(struct shared *x)
{
	garn_mutex_lock(&x->bm);
	while (x->nitems == 0)
		garn_cond_wait(&x->notempty, &x->bm);
	x->got += x->items[--x->nitems];
	garn_cond_signal(&x->notfull);
	garn_mutex_unlock(&x->bm);
}

// The buffer is half full in the beginning. Some put one and take one, some the other way round: somebody can always go on.
static void use_cond(struct shared *x, struct t_rng *r)
{
	uint32_t v = (uint32_t)t_below(r, 1000);
	if (v % 2) {
		put(x, v, r);
		get(x);
	} else {
		get(x);
		put(x, v, r);
	}
}

// ---- groups -----------------------------------------------------------------------------------------

static void one_of(garn_waitgroup *wg, uint32_t *n, bool yields)
{
	if (yields)
		garn_yield();
	ADD(*n, 1);
	garn_waitgroup_done(wg);
}

__attribute__((noinline)) static void use_waitgroup(struct t_rng *r)
{
	garn_waitgroup wg = { { 0 } };
	uint32_t n = 0, k = 1 + (uint32_t)t_below(r, 4);
	for (int round = 0; round < 2; round++) {
		garn_waitgroup_add(&wg, (int)k);
		for (uint32_t i = 0; i < k; i++)
			go(one_of, &wg, &n, t_below(r, 4) == 0);
		garn_waitgroup_wait(&wg);
		CHECK_EQ(GET(n), k * (uint32_t)(round + 1));
	}
	memset(&wg, 0xdd, sizeof wg);
	__asm__ volatile("" : : "r"(&wg) : "memory");
}

// ---- places -----------------------------------------------------------------------------------------

static struct place {
	uint32_t taken; // A
	union {
		garn_mutex m;
		garn_rwmutex rw;
		garn_sem s;
		garn_once o;
		uint64_t raw;
	};
	uint32_t users, in, runs, kind; // users, in: under the lock
} place[PLACES];

#define BODY(i) static void body##i(void) { CHECK_EQ(++place[i].runs, 1); }
BODY(0) BODY(1) BODY(2) BODY(3) BODY(4) BODY(5) BODY(6) BODY(7)
static void (*const body[PLACES])(void) = { body0, body1, body2, body3, body4, body5, body6, body7 };

// The last one out gives the place away. Whoever was out before may still be in unlock.
static void use_place(struct place *p)
{
	bool last;
	switch (p->kind) {
	case 0:
		garn_mutex_lock(&p->m);
		CHECK_EQ(p->in++, 0);
		last = --p->users == 0;
		p->in--;
		garn_mutex_unlock(&p->m);
		break;
	case 1:
		garn_rwmutex_rlock(&p->rw);
		CHECK_EQ(p->in, 0);
		garn_rwmutex_runlock(&p->rw);
		garn_rwmutex_lock(&p->rw);
		CHECK_EQ(p->in++, 0);
		last = --p->users == 0;
		p->in--;
		garn_rwmutex_unlock(&p->rw);
		break;
	case 2:
		garn_sem_acquire(&p->s);
		CHECK_EQ(p->in++, 0);
		last = --p->users == 0;
		p->in--;
		garn_sem_release(&p->s);
		break;
	default:
		garn_once_do(&p->o, body[p - place]);
		CHECK_EQ(p->runs, 1);
		last = ADD(p->users, -1) == 0;
		break;
	}
	ADD(ops, 1);
	if (last)
		SET(p->taken, 0);
}

static void new_place(struct t_rng *r)
{
	struct place *p = &place[t_below(r, PLACES)];
	uint32_t none = 0;
	if (!__atomic_compare_exchange_n(&p->taken, &none, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	p->raw = 0;
	p->in = p->runs = 0;
	p->kind = (uint32_t)t_below(r, 4);
	if (p->kind == 2)
		garn_sem_release(&p->s);
	p->users = 2 + (uint32_t)t_below(r, 3);
	for (uint32_t i = p->users; i > 1; i--)
		go(use_place, p);
	use_place(p);
}

struct user {
	uint64_t id;
};

static void work(void *arg)
{
	struct t_rng r = t_rng(t_seed(), ((struct user *)arg)->id);
	while (t_now() < finish) {
		for (int i = 0; i < 50; i++) {
			struct shared *x = &shared[t_below(&r, SHARED)];
			switch (t_below(&r, 6)) {
			case 0: use_mutex(x, &r); break;
			case 1: use_rwmutex(x, &r); break;
			case 2: use_sem(x, &r); break;
			case 3: use_cond(x, &r); break;
			case 4: use_waitgroup(&r); break;
			case 5: new_place(&r); break;
			}
		}
		ADD(ops, 50);
	}
}

int main(void)
{
	struct t_worker w[WORKERS];
	struct user u[WORKERS];
	t_seed();
	finish = t_now() + t_stress_time();
	for (int i = 0; i < SHARED; i++) {
		shared[i].nitems = ITEMS / 2;
		for (int k = 0; k < LIMIT; k++)
			garn_sem_release(&shared[i].s);
	}
	for (int i = 0; i < WORKERS; i++) {
		u[i].id = (uint64_t)i;
		t_start(&w[i], i < THREADS, work, &u[i]);
	}
	for (int i = 0; i < WORKERS; i++)
		t_join(&w[i]);
	for (int i = 0; i < PLACES; i++)
		for (int k = 0; GET(place[i].taken); k++)
			t_rest(k);
	for (int i = 0; i < SHARED; i++) {
		struct shared *x = &shared[i];
		CHECK_EQ(x->n * 3, x->n3);
		CHECK_EQ(x->nitems, ITEMS / 2);
		for (uint32_t k = 0; k < x->nitems; k++)
			x->got += x->items[k];
		CHECK_EQ(x->put, x->got);
		for (int k = 0; k < LIMIT; k++)
			CHECK(garn_sem_try(&x->s));
		CHECK(!garn_sem_try(&x->s));
	}
	printf("%llu operations\n", (unsigned long long)ops);
	return 0;
}
