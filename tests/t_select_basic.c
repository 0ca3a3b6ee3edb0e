// select, one clause at a time and in company: which one goes, what it says, and that the others leave no trace.
#include "t_sync.h"

static int count(int *n)
{
	return ++*n;
}

static void positions(void)
{
	chan(int) a = chan_make(int, 1), b = chan_make(int, 1), nil = NULL;
	int v = -1, w = -1;
	bool ok = false;
	CHECK_EQ(chan_select(on_default), 0);
	CHECK_EQ(chan_select(on_recv(a, &v), on_default), 1);
	CHECK_EQ(chan_select(on_recv(nil, &v), on_send(nil, 1), on_recv(a, &v, &ok), on_default), 3);
	CHECK(v == -1 && !ok);
	CHECK_EQ(chan_select(on_default, on_send(a, 5)), 1);
	CHECK_EQ(chan_select(on_default, on_send(a, 6)), 0);
	CHECK_EQ(chan_select(on_send(b, 7), on_send(a, 8), on_recv(nil, &v)), 0);
	CHECK_EQ(chan_select(on_send(b, 9), on_recv(nil, &v), on_recv(a, &v, &ok)), 2);
	CHECK(v == 5 && ok);
	CHECK_EQ(chan_select(on_recv(a, &v), on_recv(b, &w)), 1);
	CHECK(w == 7 && v == 5); // only the one that went has written
	chan_close(a);
	v = -1;
	CHECK_EQ(chan_select(on_recv(b, &w, &ok), on_recv(a, &v, &ok)), 1);
	CHECK(v == 0 && w == 7 && !ok);
	CHECK_EQ(chan_select(on_recv(a, NULL)), 0);
	// values are computed once, whether they are sent or not
	int x = 0;
	CHECK_EQ(chan_select(on_send(nil, count(&x)), on_send(b, count(&x)), on_recv(nil, NULL)), 1);
	CHECK_EQ(x, 2);
	v = chan_recv(b);
	CHECK(v == 1 || v == 2);
	chan_unref(a);
	chan_unref(b);
}

// An array made at run time, short and long: every position can win, from the poll and from the wait.
static void kick(void *arg)
{
	struct garn_case *k = arg;
	int v = 17;
	if (k->kind == GARN_CASE_RECV) {
		garn_chan_send(k->c, &v);
	} else {
		CHECK(garn_chan_recv(k->c, &v));
		CHECK_EQ(v, 17);
	}
}

static void long_array(uint32_t n)
{
	struct garn_case *k = calloc(n, sizeof *k);
	int *value = calloc(n, sizeof *value);
	bool *ok = calloc(n, sizeof *ok);
	for (uint32_t i = 0; i < n; i++) {
		k[i].kind = i % 3 == 1 ? GARN_CASE_SEND : GARN_CASE_RECV;
		k[i].c = i % 7 == 3 ? NULL : garn_chan_make(sizeof(int), 0);
		k[i].elem = &value[i];
		k[i].ok = i % 3 == 1 ? NULL : &ok[i];
		value[i] = i % 3 == 1 ? 17 : 0;
	}
	for (uint32_t i = 0; i < n; i += n < 100 ? 1 : n / 13) {
		if (k[i].c == NULL)
			continue;
		struct t_worker w;
		t_start(&w, i % 5 == 2, kick, &k[i]);
		if (i % 2)
			t_settle(); // so that it is ready at the first look
		CHECK_EQ(garn_select(k, n), i);
		t_join(&w);
		CHECK_EQ(value[i], 17);
		if (k[i].kind == GARN_CASE_RECV) {
			CHECK(ok[i]);
			ok[i] = false;
			value[i] = 0;
		}
		for (uint32_t j = 0; j < n; j++)
			CHECK(value[j] == (j % 3 == 1 ? 17 : 0) && !ok[j]);
	}
	for (uint32_t i = 0; i < n; i++) {
		int v = 1; // nobody waits there any more
		CHECK(!garn_chan_try_send(k[i].c, &v));
		CHECK(!garn_chan_try_recv(k[i].c, &v));
		garn_chan_unref(k[i].c);
	}
	free(k);
	free(value);
	free(ok);
}

// As many clauses as there may be, all the same channel but one.
static void most(void)
{
	enum { N = 65536 };
	struct garn_case *k = calloc(N, sizeof *k);
	garn_chan *a = garn_chan_make(sizeof(int), 0), *b = garn_chan_make(sizeof(int), 1);
	int v = 17;
	for (int i = 0; i < N; i++)
		k[i] = (struct garn_case){ .kind = GARN_CASE_RECV, .c = i == 40000 ? b : a, .elem = &v };
	garn_chan_send(b, &v);
	CHECK_EQ(garn_select(k, N), 40000);
	struct t_worker w;
	t_start(&w, false, kick, &k[40000]);
	CHECK_EQ(garn_select(k, N), 40000);
	t_join(&w);
	t_start(&w, false, kick, &k[0]);
	int i = garn_select(k, N);
	CHECK(i >= 0 && i < N && i != 40000);
	t_join(&w);
	garn_chan_unref(a);
	garn_chan_unref(b);
	free(k);
}

// With nothing that could ever go it waits for ever.
static uint32_t stuck, went;

static void no_clause(void *arg)
{
	chan(int) nil = NULL;
	int v;
	ADD(stuck, 1);
	switch ((intptr_t)arg) {
	case 0: garn_select(NULL, 0); break;
	case 1: chan_select(on_recv(nil, &v)); break;
	case 2: chan_select(on_send(nil, 1), on_recv(nil, &v)); break;
	}
	ADD(went, 1);
}

static void for_ever(void)
{
	static struct t_worker w[6];
	for (int i = 0; i < 6; i++)
		t_start(&w[i], i >= 3, no_clause, (void *)(intptr_t)(i % 3));
	t_await(&stuck, 6);
	t_settle();
	CHECK_EQ(GET(went), 0);
}

// Whoever waited in a select and got on elsewhere is gone from the other channels, whether he would have sent or received.
struct choice {
	chan(int) a, b, c;
	uint32_t arrived;
	int won;
};

static void choose(void *arg)
{
	struct choice *t = arg;
	int v;
	SET(t->arrived, 1);
	t->won = chan_select(on_recv(t->a, &v), on_send(t->b, 1), on_recv(t->c, &v));
}

static void leaves_no_trace(bool thread)
{
	for (int which = 0; which < 3; which++) {
		struct choice t = { chan_make(int, 0), chan_make(int, 0), chan_make(int, 0), 0, -1 };
		struct t_worker w;
		int v;
		t_start(&w, thread, choose, &t);
		t_await(&t.arrived, 1);
		t_settle();
		switch (which) {
		case 0: CHECK(chan_try_send(t.a, 1)); break;
		case 1: CHECK(chan_try_recv(t.b, &v)); break;
		case 2: CHECK(chan_try_send(t.c, 1)); break;
		}
		// the others know at once: before it has run again, one of its clauses has been decided on
		CHECK(!chan_try_send(t.a, 1));
		CHECK(!chan_try_recv(t.b, &v));
		CHECK(!chan_try_send(t.c, 1));
		t_join(&w);
		CHECK_EQ(t.won, which);
		CHECK(!chan_try_send(t.a, 1));
		CHECK(!chan_try_recv(t.b, &v));
		CHECK(!chan_try_send(t.c, 1));
		chan_close(t.a), chan_close(t.b), chan_close(t.c);
		chan_unref(t.a), chan_unref(t.b), chan_unref(t.c);
	}
}

int main(void)
{
	positions();
	long_array(1);
	long_array(16);
	long_array(17);
	long_array(60);
	long_array(1000);
	most();
	leaves_no_trace(false);
	leaves_no_trace(true);
	for_ever();
	return 0;
}
