// Selects of every shape over shared channels, by goroutines and threads: sends and receives, the same channel twice and on both
// sides, nil and closed ones, with and without a time limit or a default. What was sent is what was received; only the
// clause that went has written; and in the end nobody stands in any queue.
#include "t_sync.h"

enum { CHANNELS = 8, WORKERS = 12, THREADS = 3, USERS = WORKERS + 1, MOST = 20 };
static const size_t sizes[CHANNELS] = { 0, 0, 0, 1, 1, 2, 5, 50 };

struct value {
	uint32_t from, n;
};

static garn_chan *c[CHANNELS], *closed;
static uint64_t sent[CHANNELS], received[CHANNELS], sentsum[CHANNELS], receivedsum[CHANNELS]; // A
static uint64_t timeouts, defaults, closings;                                                 // A
static int64_t finish;
static uint32_t running;

struct user {
	uint32_t id, n;
	uint32_t last[CHANNELS][USERS];
	struct t_rng r;
};

static int number_of(garn_chan *ch)
{
	for (int i = 0; i < CHANNELS; i++)
		if (c[i] == ch)
			return i;
	return -1;
}

static void has_sent(int i, struct value v)
{
	ADD(sent[i], 1);
	ADD(sentsum[i], v.n * (uint64_t)(v.from + 1));
}

static void has_received(struct user *u, int i, struct value v)
{
	CHECK(v.from < USERS && v.n > 0);
	CHECK(u->last[i][v.from] < v.n);
	u->last[i][v.from] = v.n;
	ADD(received[i], 1);
	ADD(receivedsum[i], v.n * (uint64_t)(v.from + 1));
}

static void one_select(struct user *u)
{
	struct garn_case k[MOST];
	struct value v[MOST];
	bool ok[MOST];
	size_t n = 1 + t_below(&u->r, t_below(&u->r, 10) ? 5 : MOST);
	bool endless = t_below(&u->r, 2);
	u->n++;
	for (size_t i = 0; i < n; i++) {
		uint64_t kind = t_below(&u->r, 40);
		k[i] = (struct garn_case){ .kind = kind < 18 ? GARN_CASE_SEND : GARN_CASE_RECV, .elem = &v[i], .ok = &ok[i] };
		k[i].c = kind == 17 || kind == 18 ? NULL : c[t_below(&u->r, CHANNELS)];
		v[i] = k[i].kind == GARN_CASE_SEND ? (struct value){ u->id, u->n } : (struct value){ ~0u, ~0u };
		ok[i] = false;
		if (kind == 39 && t_below(&u->r, 4) == 0)
			k[i].c = closed;
		if (kind == 38)
			k[i].ok = NULL;
		if (kind == 37 && !endless)
			k[i] = (struct garn_case){ .kind = GARN_CASE_TIMEOUT, .ns = (int64_t)t_below(&u->r, 100000) - 5000 };
		if (kind == 36 && !endless)
			k[i] = (struct garn_case){ .kind = GARN_CASE_DEFAULT };
	}
	if (!endless)
		k[t_below(&u->r, n)] = t_below(&u->r, 2)
			? (struct garn_case){ .kind = GARN_CASE_DEFAULT }
			: (struct garn_case){ .kind = GARN_CASE_TIMEOUT, .ns = (int64_t)t_below(&u->r, 50000) - 5000 };
	else if (k[0].c == NULL)
		k[0].c = c[0];
	size_t w = (size_t)garn_select(k, n);
	CHECK(w < n);
	for (size_t i = 0; i < n; i++) {
		if (i == w)
			continue;
		CHECK(!ok[i]);
		if (k[i].kind == GARN_CASE_RECV)
			CHECK(v[i].from == ~0u && v[i].n == ~0u);
	}
	switch (k[w].kind) {
	case GARN_CASE_SEND: has_sent(number_of(k[w].c), v[w]); break;
	case GARN_CASE_RECV:
		if (k[w].c == closed) {
			CHECK(!ok[w] && v[w].from == 0 && v[w].n == 0);
			ADD(closings, 1);
			break;
		}
		CHECK(ok[w] || k[w].ok == NULL);
		has_received(u, number_of(k[w].c), v[w]);
		break;
	case GARN_CASE_TIMEOUT: ADD(timeouts, 1); break;
	case GARN_CASE_DEFAULT: ADD(defaults, 1); break;
	}
}

// A channel that is closed while selects wait on it, then freed with the last of them.
static void wait_for_close(chan(int) end, chan(int) never, uint64_t how)
{
	int v = 1;
	bool ok = true;
	switch (how) {
	case 0: CHECK_EQ(chan_select(on_recv(end, &v, &ok), on_recv(never, NULL)), 0); break;
	case 1: CHECK_EQ(chan_select(on_send(never, 1), on_recv(end, &v, &ok), on_recv(end, &v, &ok)) > 0, 1); break;
	case 2: CHECK_EQ(chan_select(on_timeout(GARN_S(1000)), on_recv(never, NULL), on_recv(end, &v, &ok)), 2); break;
	}
	CHECK(v == 0 && !ok);
	chan_unref(end);
	chan_unref(never);
}

static void closing(struct user *u)
{
	chan(int) end = chan_make(int, t_below(&u->r, 2)), never = chan_make(int, 0);
	for (uint64_t i = t_below(&u->r, 4); i-- > 0;)
		go(wait_for_close, chan_ref(end), chan_ref(never), t_below(&u->r, 2) * 2); // 1 would meet a receiver
	if (t_below(&u->r, 2))
		garn_yield();
	chan_close(end);
	wait_for_close(end, never, 0);
}

static void work(void *arg)
{
	struct user *u = arg;
	u->r = t_rng(t_seed(), u->id);
	while (t_now() < finish) {
		for (int i = 0; i < 100; i++)
			one_select(u);
		closing(u);
	}
	ADD(running, -1);
}

int main(void)
{
	static struct user u[USERS];
	struct t_worker w[WORKERS];
	t_seed();
	finish = t_now() + t_stress_time();
	for (int i = 0; i < CHANNELS; i++)
		c[i] = garn_chan_make(sizeof(struct value), sizes[i]);
	closed = garn_chan_make(sizeof(struct value), 0);
	garn_chan_close(closed);
	running = WORKERS;
	for (uint32_t i = 0; i < WORKERS; i++) {
		u[i].id = i;
		t_start(&w[i], i < THREADS, work, &u[i]);
	}
	struct user *me = &u[WORKERS];
	struct value v;
	me->id = WORKERS;
	garn_sleep(t_stress_time());
	for (int k = 0; GET(running) > 0; k++) { // serve those who wait
		for (int i = 0; i < CHANNELS; i++) {
			if (garn_chan_try_recv(c[i], &v))
				has_received(me, i, v);
			v = (struct value){ me->id, ++me->n };
			if (k % 2 && garn_chan_try_send(c[i], &v))
				has_sent(i, v);
		}
		t_rest(k);
	}
	for (int i = 0; i < WORKERS; i++)
		t_join(&w[i]);
	uint64_t n = 0;
	for (int i = 0; i < CHANNELS; i++) {
		while (garn_chan_try_recv(c[i], &v))
			has_received(me, i, v);
		CHECK_EQ(sent[i], received[i]);
		CHECK_EQ(sentsum[i], receivedsum[i]);
		n += sent[i];
		if (sizes[i] == 0)
			CHECK(!garn_chan_try_send(c[i], &v));
		garn_chan_unref(c[i]);
	}
	garn_chan_unref(closed);
	printf("%llu sends, %llu timeouts, %llu defaults, %llu closed\n", (unsigned long long)n, (unsigned long long)timeouts,
	       (unsigned long long)defaults, (unsigned long long)closings);
	return 0;
}
