// Receiving from a closed channel, in all its forms, at once, and by those who wait when it is closed; values that were
// sent before are received first. Who looks without waiting never finds a full channel that is being closed empty.
#include "t_sync.h"

enum { ROUNDS = T_SCALED(10000) };

static void forms(int cap, int left)
{
	chan(int) c = chan_make(int, cap);
	int v;
	bool ok;
	for (int i = 0; i < left; i++)
		chan_send(c, 100 + i);
	chan_close(c);
	for (int i = 0; i < left + 3; i++) {
		bool value = i < left;
		int expect = value ? 100 + i : 0;
		CHECK_EQ(chan_len(c), value ? left - i : 0);
		v = -1, ok = !value;
		switch (i % 6) {
		case 0: v = chan_recv(c), ok = value; break;
		case 1: ok = chan_recv_ok(c, &v); break;
		case 2: CHECK(chan_try_recv(c, &v)), ok = value; break;
		case 3: CHECK_EQ(chan_select(on_recv(c, &v, &ok)), 0); break;
		case 4: CHECK_EQ(chan_select(on_default, on_recv(c, &v, &ok)), 1); break;
		case 5: CHECK_EQ(chan_select(on_recv((chan(int))NULL, &v), on_recv(c, &v, &ok),
					     on_timeout(GARN_S(1000))), 1); break;
		}
		CHECK_EQ(v, expect);
		CHECK_EQ(ok, value);
	}
	chan_unref(c);
}

// ---- those who wait when it is closed ---------------------------------------------------------------

struct waiter {
	chan(int) c, other;
	int how;
	uint32_t *arrived;
	struct t_worker w;
};

static void wait_for_it(void *arg)
{
	struct waiter *t = arg;
	int v = -1;
	bool ok = true;
	ADD(*t->arrived, 1);
	switch (t->how) {
	case 0: v = chan_recv(t->c), ok = false; break;
	case 1: ok = chan_recv_ok(t->c, &v); break;
	case 2: CHECK_EQ(chan_select(on_recv(t->c, &v, &ok)), 0); break;
	case 3: CHECK_EQ(chan_select(on_send(t->other, 1), on_recv(t->c, &v, &ok)), 1); break;
	case 4: CHECK_EQ(chan_select(on_timeout(GARN_S(1000)), on_send(t->other, 2), on_recv(t->c, &v, &ok)), 2); break;
	case 5: CHECK_EQ(chan_select(on_recv(t->c, &v, &ok), on_recv(t->c, &v, &ok)) / 2, 0); break;
	}
	CHECK_EQ(v, 0);
	CHECK(!ok);
}

static void while_waiting(int cap)
{
	struct waiter t[24];
	uint32_t arrived = 0;
	chan(int) c = chan_make(int, cap), other = chan_make(int, 0);
	for (int i = 0; i < 24; i++) {
		t[i] = (struct waiter){ .c = c, .other = other, .how = i % 6, .arrived = &arrived };
		t_start(&t[i].w, i >= 18, wait_for_it, &t[i]);
	}
	t_await(&arrived, 24);
	t_settle();
	chan_close(c);
	for (int i = 0; i < 24; i++)
		t_join(&t[i].w);
	int v;
	CHECK(!chan_try_recv(other, &v)); // who sent in a select has gone from there
	CHECK(!chan_try_send(other, 1));
	chan_unref(c);
	chan_unref(other);
}

// ---- full, and being closed -------------------------------------------------------------------------

struct race {
	chan(int) c[2];
	struct t_race r;
};

static void look(void *arg)
{
	struct race *t = arg;
	for (uint32_t i = 1; t_race_round(&t->r, i); i++) {
		chan(int) c = t->c[i % 2];
		int v = -1;
		bool ok = false;
		if (i % 4 < 2)
			CHECK(chan_try_recv(c, &v));
		else
			CHECK_EQ(chan_select(on_recv(c, &v, &ok), on_default), 0);
		CHECK(v == 7 || v == 0);
		SET(t->r.looked, i);
	}
}

static void full_and_closing(bool thread)
{
	struct race t = { .c = { NULL } };
	struct t_worker w;
	t_start(&w, thread, look, &t);
	for (uint32_t i = 1; t_race_on(&t.r, i, ROUNDS); i++) {
		chan(int) c = chan_make(int, 1);
		t.c[i % 2] = c;
		chan_send(c, 7);
		SET(t.r.round, i);
		t_moment(i % 199); // the other is about to look
		chan_close(c);
		t_moment(i % 83);
		int v = chan_recv(c);
		CHECK(v == 7 || v == 0);
		t_await(&t.r.looked, i);
		chan_unref(c);
	}
	t_join(&w);
}

int main(void)
{
	for (int cap = 0; cap <= 10; cap++)
		for (int left = 0; left <= cap; left++)
			forms(cap, left);
	while_waiting(0);
	while_waiting(2);
	full_and_closing(false);
	full_and_closing(true);
	return 0;
}
