// garn_rwmutex: readers are inside together, a writer alone; who waits to write keeps new readers out, and is not kept out by
// them; after a writer come the readers that waited; and the last one may free it.
#include "t_sync.h"

enum { EACH = T_SCALED(1000) };

// ---- all readers at once ----------------------------------------------------------------------------

struct hall {
	garn_rwmutex rw;
	uint32_t inside, leave, left;
};

static void visit(void *arg)
{
	struct hall *h = arg;
	garn_rwmutex_rlock(&h->rw);
	ADD(h->inside, 1);
	t_await(&h->leave, 1);
	garn_rwmutex_runlock(&h->rw);
	ADD(h->left, 1);
}

// None leaves before all are in.
static void together(int n, int threads)
{
	struct hall h = { .inside = 0 };
	struct t_worker w[16];
	for (int i = 0; i < n; i++)
		t_start(&w[i], i < threads, visit, &h);
	t_await(&h.inside, (uint32_t)n);
	SET(h.leave, 1);
	for (int i = 0; i < n; i++)
		t_join(&w[i]);
	garn_rwmutex_lock(&h.rw);
	garn_rwmutex_unlock(&h.rw);
}

// ---- who waits for whom -----------------------------------------------------------------------------

struct gate {
	garn_rwmutex rw;
	uint32_t arrived, reading, writing;
	chan(int) readers, writers; // closed when they may leave
};

static struct gate gate(void)
{
	return (struct gate){ .readers = chan_make(int, 0), .writers = chan_make(int, 0) };
}

static void gate_free(struct gate *g)
{
	chan_unref(g->readers);
	chan_unref(g->writers);
}

static void read_once(void *arg)
{
	struct gate *g = arg;
	ADD(g->arrived, 1);
	garn_rwmutex_rlock(&g->rw);
	ADD(g->reading, 1);
	CHECK_EQ(GET(g->writing), 0);
	chan_recv(g->readers);
	ADD(g->reading, -1);
	garn_rwmutex_runlock(&g->rw);
}

static void write_once(void *arg)
{
	struct gate *g = arg;
	ADD(g->arrived, 1);
	garn_rwmutex_lock(&g->rw);
	CHECK_EQ(ADD(g->writing, 1), 1);
	CHECK_EQ(GET(g->reading), 0);
	chan_recv(g->writers);
	ADD(g->writing, -1);
	garn_rwmutex_unlock(&g->rw);
}

// Readers inside, a writer waits, more readers behind it, another writer: in that order.
static void in_order(bool thread)
{
	struct gate g = gate();
	struct t_worker w[8];
	for (int i = 0; i < 3; i++)
		t_start(&w[i], false, read_once, &g);
	t_await(&g.reading, 3);
	t_start(&w[3], thread, write_once, &g);
	t_await(&g.arrived, 4);
	t_settle();
	CHECK_EQ(GET(g.writing), 0);
	for (int i = 4; i < 7; i++) {
		t_start(&w[i], thread && i == 5, read_once, &g);
		t_await(&g.arrived, (uint32_t)i + 1);
		t_settle();
	}
	t_start(&w[7], false, write_once, &g);
	t_await(&g.arrived, 8);
	t_settle();
	CHECK_EQ(GET(g.reading), 3); // the later readers stand behind the writer
	CHECK_EQ(GET(g.writing), 0);
	chan_close(g.readers);
	t_await(&g.writing, 1);
	t_settle();
	CHECK_EQ(GET(g.reading), 0);
	CHECK_EQ(GET(g.writing), 1);
	for (int i = 0; i < 3; i++)
		t_join(&w[i]);
	chan_close(g.writers);
	for (int i = 3; i < 8; i++)
		t_join(&w[i]);
	CHECK_EQ(g.reading, 0);
	CHECK_EQ(g.writing, 0);
	gate_free(&g);
}

// All readers that waited for a writer come in together.
static void after_a_writer(void)
{
	struct gate g = gate();
	struct t_worker w[10];
	garn_rwmutex_lock(&g.rw);
	for (int i = 0; i < 10; i++)
		t_start(&w[i], i % 4 == 1, read_once, &g);
	t_await(&g.arrived, 10);
	t_settle();
	CHECK_EQ(GET(g.reading), 0);
	garn_rwmutex_unlock(&g.rw);
	t_await(&g.reading, 10);
	chan_close(g.readers);
	for (int i = 0; i < 10; i++)
		t_join(&w[i]);
	gate_free(&g);
}

// ---- exclusion, counted -----------------------------------------------------------------------------

struct activity {
	garn_rwmutex rw;
	uint32_t n;              // A: 1 for each reader inside, 10000 for a writer
	uint64_t v[4];           // written under rw
	uint32_t writes, ids;    // A
};

static void reader(void *arg)
{
	struct activity *a = arg;
	for (int i = 0; i < EACH; i++) {
		garn_rwmutex_rlock(&a->rw);
		uint32_t n = ADD(a->n, 1);
		CHECK(n >= 1 && n < 10000);
		for (int k = 1; k < 4; k++)
			CHECK_EQ(a->v[k], a->v[0]);
		if (i % 16 == 0)
			garn_yield();
		ADD(a->n, -1);
		garn_rwmutex_runlock(&a->rw);
	}
}

static void writer(void *arg)
{
	struct activity *a = arg;
	for (int i = 0; i < EACH / 2; i++) {
		garn_rwmutex_lock(&a->rw);
		CHECK_EQ(ADD(a->n, 10000), 10000);
		for (int k = 0; k < 4; k++) {
			a->v[k]++;
			if (i % 16 == k)
				garn_yield();
		}
		CHECK_EQ(ADD(a->n, -10000), 0);
		garn_rwmutex_unlock(&a->rw);
		ADD(a->writes, 1);
	}
}

static void counted(int readers, int writers, int threads)
{
	struct activity a = { .n = 0 };
	struct t_worker w[24];
	int n = 0;
	for (int i = 0; i < readers; i++, n++)
		t_start(&w[n], i < threads, reader, &a);
	for (int i = 0; i < writers; i++, n++)
		t_start(&w[n], i < threads, writer, &a);
	while (n-- > 0)
		t_join(&w[n]);
	CHECK_EQ(a.v[3], a.writes);
	CHECK_EQ(a.writes, writers * (EACH / 2));
}

// ---- no starvation ----------------------------------------------------------------------------------

struct crowd {
	garn_rwmutex rw;
	uint32_t stop, reads;
};

// Two of these keep the lock read-locked without a gap, if they are let.
static void overlap(void *arg)
{
	struct crowd *c = arg;
	while (!GET(c->stop)) {
		garn_rwmutex_rlock(&c->rw);
		garn_sleep(GARN_US(50));
		ADD(c->reads, 1);
		garn_rwmutex_runlock(&c->rw);
	}
}

static void write_all_the_time(void *arg)
{
	struct crowd *c = arg;
	while (!GET(c->stop)) {
		garn_rwmutex_lock(&c->rw);
		garn_sleep(GARN_US(50));
		garn_rwmutex_unlock(&c->rw);
	}
}

static void not_starved(void)
{
	struct crowd c = { .stop = 0 };
	struct t_worker w[8];
	for (int i = 0; i < 8; i++)
		t_start(&w[i], i == 0, overlap, &c);
	t_await(&c.reads, 1);
	for (int i = 0; i < 10; i++) {
		garn_rwmutex_lock(&c.rw);
		garn_rwmutex_unlock(&c.rw);
		garn_sleep(GARN_US(100));
	}
	SET(c.stop, 1);
	for (int i = 0; i < 8; i++)
		t_join(&w[i]);

	SET(c.stop, 0);
	for (int i = 0; i < 3; i++)
		t_start(&w[i], i == 0, write_all_the_time, &c);
	for (int i = 0; i < 10; i++) {
		garn_rwmutex_rlock(&c.rw);
		garn_rwmutex_runlock(&c.rw);
		garn_sleep(GARN_US(100));
	}
	SET(c.stop, 1);
	for (int i = 0; i < 3; i++)
		t_join(&w[i]);
}

// ---- the end ----------------------------------------------------------------------------------------

struct box {
	garn_rwmutex rw;
	int users;      // under rw, written
	uint32_t looks; // A
	bool thread;
};

static void last_frees(void *arg)
{
	struct box *b = arg;
	garn_rwmutex_rlock(&b->rw);
	ADD(b->looks, 1);
	garn_rwmutex_runlock(&b->rw);
	garn_rwmutex_lock(&b->rw);
	bool last = --b->users == 0;
	garn_rwmutex_unlock(&b->rw);
	if (last) {
		memset(b, 0xdd, sizeof *b);
		free(b);
	}
}

static void freed(int threads)
{
	for (int i = 0; i < T_SCALED(threads ? 200 : 5000); i++) {
		struct box *b = calloc(1, sizeof *b);
		struct t_worker w[4];
		b->users = 4;
		for (int j = 0; j < 4; j++)
			t_start(&w[j], j < threads, last_frees, b);
		for (int j = 0; j < 4; j++)
			t_join(&w[j]);
	}
}

int main(void)
{
	together(1, 0);
	together(3, 0);
	together(16, 0);
	together(16, 5);
	in_order(false);
	in_order(true);
	after_a_writer();
	for (int r = 1; r <= 20; r += 6)
		for (int w = 0; w <= 3; w++)
			counted(r, w, r == 7 ? w : 0);
	not_starved();
	freed(0);
	freed(2);
	return 0;
}
