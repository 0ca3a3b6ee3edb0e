// Selects that name a channel more than once: to send and to receive at the same time, never to themselves; twice the
// same clause; and what else waits in that queue.
#include "t_sync.h"

enum { ROUNDS = T_SCALED(3000) };

struct meeting {
	chan(int) c;
	uint32_t wrong;
};

// Everyone sends and receives in one select: each send meets a receive of another.
static void meet(void *arg)
{
	struct meeting *m = arg;
	static uint32_t ids;
	int me = (int)ADD(ids, 1), v;
	for (int i = 0; i < ROUNDS; i++) {
		v = -1;
		switch (i % 2) {
		case 0:
			if (chan_select(on_recv(m->c, &v), on_send(m->c, me)) == 0 && v == me && chan_cap(m->c) == 0)
				ADD(m->wrong, 1); // our own, without a buffer
			break;
		case 1:
			if (chan_select(on_send(m->c, me), on_recv(m->c, &v)) == 1 && v == me && chan_cap(m->c) == 0)
				ADD(m->wrong, 1);
			break;
		}
	}
}

static void drain(chan(int) c, chan(int) stop, uint32_t *ended)
{
	int v;
	while (chan_select(on_recv(stop, NULL), on_recv(c, &v), on_send(c, -1)) != 0)
		garn_yield(); // with a buffer it never waits
	ADD(*ended, 1);
}

static void everybody(size_t cap, int threads)
{
	enum { N = 8 };
	struct meeting m = { chan_make(int, cap), 0 };
	struct t_worker w[N];
	uint32_t ended = 0;
	chan(int) stop = chan_make(int, 0);
	go(drain, m.c, stop, &ended); // the last one left has somebody to meet
	for (int i = 0; i < N; i++)
		t_start(&w[i], i < threads, meet, &m);
	for (int i = 0; i < N; i++)
		t_join(&w[i]);
	chan_close(stop);
	t_await(&ended, 1);
	CHECK_EQ(m.wrong, 0);
	chan_unref(m.c);
	chan_unref(stop);
}

// Alone: neither side meets itself.
static void alone(void)
{
	chan(int) c = chan_make(int, 0);
	int v = -1;
	for (int i = 0; i < 50; i++) {
		CHECK_EQ(chan_select(on_send(c, 1), on_recv(c, &v), on_default), 2);
		CHECK_EQ(chan_select(on_send(c, 1), on_recv(c, &v), on_timeout(GARN_US(20))), 2);
	}
	CHECK_EQ(v, -1);
	CHECK(!chan_try_send(c, 1));
	CHECK(!chan_try_recv(c, &v));
	chan_unref(c);
	// with a buffer that is neither full nor empty both can go
	c = chan_make(int, 3);
	chan_send(c, 0);
	for (int i = 0; i < 50; i++) {
		size_t before = chan_len(c);
		int k = chan_select(on_send(c, 1), on_recv(c, &v));
		CHECK_EQ(chan_len(c), k == 0 ? before + 1 : before - 1);
	}
	chan_unref(c);
}

// One goroutine waits twice on c and once on d; another behind it on c; then the first leaves by d. The queue of c
// must still hold the other.
struct trio {
	chan(int) c, d, e;
	uint32_t arrived;
	int first, got;
};

static void twice(void *arg)
{
	struct trio *t = arg;
	ADD(t->arrived, 1);
	t->first = chan_select(on_recv(t->c, NULL), on_recv(t->c, NULL), on_recv(t->d, NULL));
}

static void behind(void *arg)
{
	struct trio *t = arg;
	ADD(t->arrived, 1);
	t->got = chan_recv(t->c);
}

static void left_behind(int order)
{
	struct trio t = { .c = chan_make(int, 0), .d = chan_make(int, 0) };
	struct t_worker w[3];
	struct trio before = t;
	before.arrived = 0;
	if (order & 1) { // one in front, too
		t_start(&w[2], order & 2, behind, &before);
		t_await(&before.arrived, 1);
		t_settle();
	}
	t_start(&w[0], order & 4, twice, &t);
	t_await(&t.arrived, 1);
	t_settle();
	t_start(&w[1], order & 2, behind, &t);
	t_await(&t.arrived, 2);
	t_settle();
	chan_send(t.d, 7);
	t_join(&w[0]);
	CHECK_EQ(t.first, 2);
	if (order & 1) {
		chan_send(t.c, 8);
		t_join(&w[2]);
		CHECK_EQ(before.got, 8);
	}
	chan_send(t.c, 9);
	t_join(&w[1]);
	CHECK_EQ(t.got, 9);
	CHECK(!chan_try_send(t.c, 1));
	chan_unref(t.c);
	chan_unref(t.d);
}

// It is the first of the two that gets the value, and the second is gone with it.
static void two_alike(bool thread)
{
	struct trio t = { .c = chan_make(int, 0), .d = chan_make(int, 0) };
	struct t_worker w;
	for (int i = 0; i < 20; i++) {
		t.arrived = 0;
		t_start(&w, thread, twice, &t);
		t_await(&t.arrived, 1);
		t_settle();
		CHECK(chan_try_send(t.c, 1));
		CHECK(!chan_try_send(t.c, 1));
		t_join(&w);
		CHECK(t.first == 0 || t.first == 1);
	}
	chan_unref(t.c);
	chan_unref(t.d);
}

int main(void)
{
	for (size_t cap = 0; cap < 3; cap++) {
		everybody(cap, 0);
		everybody(cap, 4);
	}
	alone();
	for (int order = 0; order < 8; order++)
		left_behind(order);
	two_alike(false);
	two_alike(true);
	return 0;
}
