// Who waits to receive when the channel is closed finds zero in all of the place it gave, whatever was there before, nothing changed around
// it, and false: by receive, recv_ok and select, with and without a place, elements of any size, goroutines and threads. The
// closer may drop the last reference at once.
#include "t_sync.h"

enum { JUNK = 0xa5, MOST = 300, WAITERS = 60 };

// A place for a value with room around it that nobody is to touch.
struct place {
	unsigned char before[16], v[MOST], after[16];
};

static void check(const struct place *p, size_t zeros)
{
	const unsigned char *at = (const unsigned char *)p;
	for (size_t i = 0; i < sizeof *p; i++)
		CHECK_EQ(at[i], i >= sizeof p->before && i < sizeof p->before + zeros ? 0 : JUNK);
}

struct waiter {
	garn_chan *c, *other, *large;
	size_t size;
	int how;
	uint32_t *arrived;
	struct t_worker w;
};

static void waits(void *arg)
{
	struct waiter *t = arg;
	struct place p, q;
	bool ok = true, notok = true;
	memset(&p, JUNK, sizeof p);
	memset(&q, JUNK, sizeof q);
	struct garn_case cases[] = {
		{ .kind = GARN_CASE_RECV, .c = t->large, .elem = q.v, .ok = &notok },
		{ .kind = GARN_CASE_RECV, .c = t->c, .elem = t->how == 4 ? NULL : p.v, .ok = t->how == 5 ? NULL : &ok },
		{ .kind = GARN_CASE_SEND, .c = t->other, .elem = q.v },
		{ .kind = GARN_CASE_TIMEOUT, .ns = GARN_S(1000) },
	};
	ADD(*t->arrived, 1);
	switch (t->how) {
	case 0: ok = garn_chan_recv(t->c, p.v); break;
	case 1: ok = garn_chan_recv(t->c, NULL); break;
	case 2: CHECK_EQ(garn_select(cases + 1, 1), 0); break;
	case 3: case 4: CHECK_EQ(garn_select(cases, 4), 1); break;
	case 5: CHECK_EQ(garn_select(cases + 1, 3), 0), ok = false; break;
	}
	CHECK(!ok && notok);
	check(&p, t->how == 1 || t->how == 4 ? 0 : t->size);
	check(&q, 0);
}

static void close_on_many(size_t size, size_t cap)
{
	static struct waiter t[WAITERS];
	uint32_t arrived = 0;
	garn_chan *c = garn_chan_make(size, cap), *other = garn_chan_make(size, 0), *large = garn_chan_make(MOST, 0);
	for (int i = 0; i < WAITERS; i++) {
		t[i] = (struct waiter){ .c = c, .other = other, .large = large, .size = size, .how = i % 6, .arrived = &arrived };
		t_start(&t[i].w, i >= WAITERS - 12, waits, &t[i]);
	}
	t_await(&arrived, WAITERS);
	t_settle();
	garn_chan_close(c);
	garn_chan_unref(c);
	for (int i = 0; i < WAITERS; i++)
		t_join(&t[i].w);
	garn_chan_unref(other);
	garn_chan_unref(large);
}

// The macros: a value, and a struct.
struct pair {
	long a, b;
};
static void value(chan(struct pair) c, uint32_t *arrived, chan(bool) done)
{
	struct pair p = { 1, 2 };
	ADD(*arrived, 1);
	p = chan_recv(c);
	chan_send(done, p.a == 0 && p.b == 0);
}
static void recv_ok(chan(struct pair) c, uint32_t *arrived, chan(bool) done)
{
	struct pair p = { 1, 2 };
	ADD(*arrived, 1);
	bool ok = chan_recv_ok(c, &p);
	chan_send(done, !ok && p.a == 0 && p.b == 0);
}
static void sel(chan(struct pair) c, uint32_t *arrived, chan(bool) done)
{
	struct pair p = { 1, 2 };
	bool ok = true;
	ADD(*arrived, 1);
	CHECK_EQ(chan_select(on_recv(done, NULL), on_recv(c, &p, &ok)), 1);
	chan_send(done, !ok && p.a == 0 && p.b == 0);
}

static void macros(void)
{
	chan(struct pair) c = chan_make(struct pair, 0);
	chan(bool) done = chan_make(bool, 3);
	uint32_t arrived = 0;
	go(value, c, &arrived, done);
	go(recv_ok, c, &arrived, done);
	go(sel, c, &arrived, done);
	t_await(&arrived, 3);
	t_settle();
	chan_close(c);
	for (int i = 0; i < 3; i++)
		CHECK(chan_recv(done));
	chan_unref(c);
	chan_unref(done);
}

int main(void)
{
	static const size_t sizes[] = { 0, 1, 4, 8, 16, 24, MOST };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		close_on_many(sizes[i], 0);
		close_on_many(sizes[i], 3);
	}
	macros();
	return 0;
}
