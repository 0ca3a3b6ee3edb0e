// A select that does not wait, while channels change: one of two is ready all the time, though never the same for
// long, and the select must find it.
#include "t_sync.h"

enum { ROUNDS = T_SCALED(10000) };

struct race {
	chan(int) a, b;
	struct t_race r;
};

static void look(void *arg)
{
	struct race *t = arg;
	for (uint32_t i = 1; t_race_round(&t->r, i); i++) {
		int v = -1;
		bool ok;
		int k = i % 2 ? chan_select(on_recv(t->a, &v, &ok), on_recv(t->b, &v, &ok), on_default)
			      : chan_select(on_recv(t->b, &v, &ok), on_recv(t->a, &v, &ok), on_default);
		CHECK(k != 2);
		SET(t->r.looked, i);
	}
}

// a holds a value; then b gets one (or is closed), and only then a's is taken away.
static void receives(bool close, bool thread)
{
	struct race t = { .a = NULL };
	struct t_worker w;
	t_start(&w, thread, look, &t);
	for (uint32_t i = 1; t_race_on(&t.r, i, ROUNDS); i++) {
		int v;
		t.a = chan_make(int, 1), t.b = chan_make(int, 1);
		chan_send(t.a, 1);
		SET(t.r.round, i);
		t_moment(i % 199); // the other is about to look
		if (close)
			chan_close(t.b);
		else
			chan_send(t.b, 1);
		t_moment(i % 83);
		chan_select(on_recv(t.a, &v), on_default);
		t_await(&t.r.looked, i);
		chan_unref(t.a);
		chan_unref(t.b);
	}
	t_join(&w);
}

static void look_to_send(void *arg)
{
	struct race *t = arg;
	for (uint32_t i = 1; t_race_round(&t->r, i); i++) {
		int k = i % 2 ? chan_select(on_send(t->a, 2), on_send(t->b, 2), on_default)
			      : chan_select(on_send(t->b, 2), on_send(t->a, 2), on_default);
		CHECK(k != 2);
		SET(t->r.looked, i);
	}
}

// The same for room: there is always room in one of the two.
static void sends(bool thread)
{
	struct race t = { .a = NULL };
	struct t_worker w;
	t_start(&w, thread, look_to_send, &t);
	for (uint32_t i = 1; t_race_on(&t.r, i, ROUNDS); i++) {
		t.a = chan_make(int, 1), t.b = chan_make(int, 1);
		chan_send(t.b, 1);
		SET(t.r.round, i);
		t_moment(i % 199);
		chan_recv(t.b);
		t_moment(i % 83);
		chan_try_send(t.a, 1);
		t_await(&t.r.looked, i);
		chan_unref(t.a);
		chan_unref(t.b);
	}
	t_join(&w);
}

int main(void)
{
	for (int thread = 0; thread < 2; thread++) {
		receives(false, thread);
		receives(true, thread);
		sends(thread);
	}
	return 0;
}
