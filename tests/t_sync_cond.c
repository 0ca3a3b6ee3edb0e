// garn_cond: a signal wakes one, the one that has waited longest; a broadcast wakes all that wait and none that come later; a
// newcomer cannot take another's signal; with goroutines and threads in one queue. (Copies: x_cond_copy.)
#include "t_sync.h"

enum { N = 40, ROUNDS = T_SCALED(1000) };

struct line {
	garn_mutex m;
	garn_cond c;
	// under m
	int waiting, awake, place[N], next;
	uint32_t woken; // A
};

struct member {
	struct line *l;
	int i;
};

static void wait_in_line(void *arg)
{
	struct member *me = arg;
	struct line *l = me->l;
	garn_mutex_lock(&l->m);
	// Who holds m here goes into the queue before anybody else can: the place is exact.
	l->place[l->waiting++] = me->i;
	garn_cond_wait(&l->c, &l->m);
	l->awake++;
	CHECK(!garn_mutex_trylock(&l->m)); // we hold it
	garn_mutex_unlock(&l->m);
	ADD(l->woken, 1);
}

static void fill(struct line *l, struct member *me, struct t_worker *w, int n, int threads)
{
	memset(l, 0, sizeof *l);
	for (int i = 0; i < n; i++) {
		me[i] = (struct member){ l, i };
		t_start(&w[i], i < threads, wait_in_line, &me[i]);
	}
	for (int all = 0, i = 0; !all; i++) {
		t_rest(i);
		garn_mutex_lock(&l->m);
		all = l->waiting == n;
		garn_mutex_unlock(&l->m);
	}
}

static void one_at_a_time(int threads, bool locked)
{
	struct line l;
	struct member me[N];
	struct t_worker w[N];
	fill(&l, me, w, N, threads);
	for (uint32_t i = 0; i < N; i++) {
		if (i % 8 == 0)
			t_settle();
		CHECK_EQ(GET(l.woken), i);
		if (locked)
			garn_mutex_lock(&l.m);
		garn_cond_signal(&l.c);
		if (locked)
			garn_mutex_unlock(&l.m);
		t_await(&l.woken, i + 1);
		t_join(&w[l.place[i]]); // the longest waiting
	}
	CHECK_EQ(l.awake, N);
	garn_cond_signal(&l.c); // nobody: lost
	garn_cond_broadcast(&l.c);
}

static void all_at_once(int threads)
{
	struct line l;
	struct member me[N];
	struct t_worker w[N];
	fill(&l, me, w, N, threads);
	t_settle();
	CHECK_EQ(GET(l.woken), 0);
	garn_mutex_lock(&l.m);
	garn_cond_broadcast(&l.c);
	CHECK_EQ(l.awake, 0);
	garn_mutex_unlock(&l.m);
	for (int i = 0; i < N; i++)
		t_join(&w[i]);
	CHECK_EQ(l.awake, N);
}

// ---- generations ------------------------------------------------------------------------------------

// They wait in the order of their numbers, go round and wait again: signals meet them in that order for ever.
struct round {
	garn_mutex m;
	garn_cond c;
	int order[8], n, woken[8 * ROUNDS / 10 + 8], nwoken;
	bool stop;
};

struct runner {
	struct round *r;
	int i;
};

static void run_round(void *arg)
{
	struct runner *me = arg;
	struct round *r = me->r;
	garn_mutex_lock(&r->m);
	while (!r->stop) {
		r->order[r->n++ % 8] = me->i;
		garn_cond_wait(&r->c, &r->m);
		if (!r->stop)
			r->woken[r->nwoken++] = me->i;
	}
	garn_mutex_unlock(&r->m);
}

static void generations(int threads)
{
	static struct round r;
	struct runner me[8];
	struct t_worker w[8];
	memset(&r, 0, sizeof r);
	for (int i = 0; i < 8; i++) {
		me[i] = (struct runner){ &r, i };
		t_start(&w[i], i < threads, run_round, &me[i]);
	}
	for (int i = 0; i < 8 * (ROUNDS / 10); i++) {
		for (int j = 0;; j++) { // until all eight wait
			garn_mutex_lock(&r.m);
			if (r.n == 8 + i)
				break;
			garn_mutex_unlock(&r.m);
			t_rest(j);
		}
		int due = r.order[i % 8];
		garn_cond_signal(&r.c);
		garn_mutex_unlock(&r.m);
		for (int j = 0;; j++) {
			garn_mutex_lock(&r.m);
			bool done = r.nwoken > i;
			garn_mutex_unlock(&r.m);
			if (done)
				break;
			t_rest(j);
		}
		CHECK_EQ(r.woken[i], due);
	}
	for (int j = 0;; j++) {
		garn_mutex_lock(&r.m);
		if (r.n == 8 + 8 * (ROUNDS / 10))
			break;
		garn_mutex_unlock(&r.m);
		t_rest(j);
	}
	r.stop = true;
	garn_cond_broadcast(&r.c);
	garn_mutex_unlock(&r.m);
	for (int i = 0; i < 8; i++)
		t_join(&w[i]);
}

// ---- stealing ---------------------------------------------------------------------------------------

// One waits; it is signalled, and at the same moment somebody else starts to wait: the signal is the first one's.
struct theft {
	garn_mutex m;
	garn_cond c;
	uint32_t waiting, first, second; // A
};

static void victim(void *arg)
{
	struct theft *t = arg;
	garn_mutex_lock(&t->m);
	SET(t->waiting, 1);
	garn_cond_wait(&t->c, &t->m);
	garn_mutex_unlock(&t->m);
	SET(t->first, 1);
}

static void thief(void *arg)
{
	struct theft *t = arg;
	garn_mutex_lock(&t->m);
	SET(t->waiting, 2);
	garn_cond_wait(&t->c, &t->m);
	garn_mutex_unlock(&t->m);
	SET(t->second, 1);
}

static void no_stealing(int kind)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct theft t = { .waiting = 0 };
		struct t_worker a, b;
		t_start(&a, kind == 1, victim, &t);
		t_await(&t.waiting, 1);
		garn_mutex_lock(&t.m); // the first is in the queue now
		garn_mutex_unlock(&t.m);
		t_start(&b, kind == 2, thief, &t);
		garn_cond_signal(&t.c); // without the lock: the thief may be on its way in, or in
		t_await(&t.first, 1);
		t_await(&t.waiting, 2);
		garn_mutex_lock(&t.m);
		CHECK_EQ(GET(t.second), 0);
		garn_cond_signal(&t.c);
		garn_mutex_unlock(&t.m);
		t_join(&a);
		t_join(&b);
	}
}

// ---- a bounded buffer -------------------------------------------------------------------------------

struct buffer {
	garn_mutex m;
	garn_cond notempty, notfull;
	int n, v[4];
	uint64_t in, out;
	bool closed;
};

static void put(void *arg)
{
	struct buffer *b = arg;
	for (int i = 0; i < ROUNDS; i++) {
		garn_mutex_lock(&b->m);
		while (b->n == 4)
			garn_cond_wait(&b->notfull, &b->m);
		b->v[b->n++] = i;
		b->in += (uint64_t)i;
		garn_cond_signal(&b->notempty);
		garn_mutex_unlock(&b->m);
	}
}

static void get(void *arg)
{
	struct buffer *b = arg;
	garn_mutex_lock(&b->m);
	for (;;) {
		while (b->n == 0 && !b->closed)
			garn_cond_wait(&b->notempty, &b->m);
		if (b->n == 0)
			break;
		b->out += (uint64_t)b->v[--b->n];
		garn_cond_signal(&b->notfull);
		garn_mutex_unlock(&b->m);
		garn_mutex_lock(&b->m);
	}
	garn_mutex_unlock(&b->m);
}

static void bounded(int threads)
{
	struct buffer b = { .n = 0 };
	struct t_worker p[5], c[5];
	for (int i = 0; i < 5; i++) {
		t_start(&p[i], i < threads, put, &b);
		t_start(&c[i], i >= 5 - threads, get, &b);
	}
	for (int i = 0; i < 5; i++)
		t_join(&p[i]);
	garn_mutex_lock(&b.m);
	b.closed = true;
	garn_cond_broadcast(&b.notempty);
	garn_mutex_unlock(&b.m);
	for (int i = 0; i < 5; i++)
		t_join(&c[i]);
	CHECK_EQ(b.in, b.out);
	CHECK_EQ(b.in, 5ull * ROUNDS * (ROUNDS - 1) / 2);
}

// ---- the one who is woken frees ---------------------------------------------------------------------

struct box {
	garn_mutex m;
	garn_cond c;
	bool go;
};

static void wake(void *arg)
{
	struct box *b = arg;
	garn_mutex_lock(&b->m);
	b->go = true;
	garn_cond_signal(&b->c);
	garn_mutex_unlock(&b->m);
}

// The signal is the last touch, when it is known that somebody waits.
static void wake_outside(void *arg)
{
	struct box *b = arg;
	for (int i = 0;; i++) {
		garn_mutex_lock(&b->m);
		bool waits = b->go;
		garn_mutex_unlock(&b->m);
		if (waits)
			break;
		t_rest(i);
	}
	garn_cond_signal(&b->c);
}

static void freed_when_woken(bool thread)
{
	for (int i = 0; i < (thread ? ROUNDS / 4 : ROUNDS * 5); i++) {
		struct box *b = calloc(1, sizeof *b);
		struct t_worker w;
		t_start(&w, thread, i % 2 ? wake : wake_outside, b);
		garn_mutex_lock(&b->m);
		if (i % 2) {
			while (!b->go)
				garn_cond_wait(&b->c, &b->m);
		} else {
			b->go = true;
			garn_cond_wait(&b->c, &b->m); // no need to ask: it never returns by itself
		}
		garn_mutex_unlock(&b->m);
		memset(b, 0xdd, sizeof *b);
		free(b);
		t_join(&w);
	}
}

int main(void)
{
	for (int threads = 0; threads <= N; threads += N / 4) {
		one_at_a_time(threads, threads % (N / 2) == 0);
		all_at_once(threads);
	}
	generations(0);
	generations(3);
	for (int kind = 0; kind < 3; kind++)
		no_stealing(kind);
	bounded(0);
	bounded(2);
	bounded(5);
	freed_when_woken(false);
	freed_when_woken(true);
	return 0;
}
