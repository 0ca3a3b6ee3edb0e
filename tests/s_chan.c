// Channels of several sizes, used by goroutines and threads at once in every way, waiting and not; short-lived channels that are closed,
// drained and freed by whoever is last; last words on channels that the listener frees. What was sent is what was received:
// numbers, sums, and each sender's order.
#include "t_sync.h"

enum { CHANNELS = 6, WORKERS = 14, THREADS = 4, USERS = WORKERS + 1 };
static const size_t sizes[CHANNELS] = { 0, 0, 1, 2, 7, 100 };

struct value {
	uint32_t from, n;
	uint64_t sum; // of the two, so that a torn value shows
};

static chan(struct value) c[CHANNELS];
static uint64_t sent[CHANNELS], received[CHANNELS], sentsum[CHANNELS], receivedsum[CHANNELS], other; // A
static int64_t finish;
static uint32_t running;

struct user {
	uint32_t id, n[CHANNELS];
	uint32_t last[CHANNELS][USERS]; // the last number of each sender
	struct t_rng r;
};

static struct value next_value(struct user *u, int i)
{
	struct value v = { u->id, ++u->n[i], (uint64_t)u->id * 1000003 + u->n[i] };
	return v;
}

static void has_sent(int i, struct value v)
{
	ADD(sent[i], 1);
	ADD(sentsum[i], v.sum);
}

static void has_received(struct user *u, int i, struct value v)
{
	CHECK(v.from < USERS);
	CHECK_EQ(v.sum, (uint64_t)v.from * 1000003 + v.n);
	CHECK(u->last[i][v.from] < v.n);
	u->last[i][v.from] = v.n;
	ADD(received[i], 1);
	ADD(receivedsum[i], v.sum);
}

static void use_shared(struct user *u)
{
	int i = (int)t_below(&u->r, CHANNELS);
	struct value v = { 0, 0, 0 };
	switch (t_below(&u->r, 6)) {
	case 0:
	case 1:
		v = next_value(u, i);
		chan_send(c[i], v);
		has_sent(i, v);
		break;
	case 2: has_received(u, i, chan_recv(c[i])); break;
	case 3:
		CHECK(chan_recv_ok(c[i], &v));
		has_received(u, i, v);
		break;
	case 4:
		v = next_value(u, i);
		if (chan_try_send(c[i], v))
			has_sent(i, v);
		break;
	case 5:
		if (chan_try_recv(c[i], &v))
			has_received(u, i, v);
		break;
	}
	CHECK(chan_len(c[i]) <= sizes[i]);
}

// ---- short lives ------------------------------------------------------------------------------------

struct life {
	chan(uint32_t) c;
	uint32_t producers; // A
	uint64_t in, out;   // A
	uint32_t holders;   // A
};

static void leave(struct life *l)
{
	chan_unref(l->c);
	if (ADD(l->holders, -1) == 0) {
		CHECK_EQ(l->in, l->out);
		free(l);
	}
}

static void produce(struct life *l, uint32_t n)
{
	for (uint32_t i = 1; i <= n; i++) {
		ADD(l->in, i);
		chan_send(l->c, i);
	}
	if (ADD(l->producers, -1) == 0)
		chan_close(l->c);
	leave(l);
}

static void consume(struct life *l, bool polls)
{
	uint32_t v;
	if (polls)
		for (int i = 0;; i++) {
			v = 0;
			if (!chan_try_recv(l->c, &v)) {
				t_rest(i);
				continue;
			}
			if (v == 0)
				break;
			ADD(l->out, v);
		}
	else
		while (chan_recv_ok(l->c, &v))
			ADD(l->out, v);
	leave(l);
}

static void short_life(struct t_rng *r)
{
	struct life *l = calloc(1, sizeof *l);
	uint32_t producers = 1 + (uint32_t)t_below(r, 3), consumers = 1 + (uint32_t)t_below(r, 3);
	l->c = chan_make(uint32_t, t_below(r, 4));
	l->producers = producers;
	l->holders = producers + consumers;
	for (uint32_t i = 1; i < producers + consumers; i++)
		chan_ref(l->c);
	bool polls = t_below(r, 8) == 0;
	uint32_t n = (uint32_t)t_below(r, 20);
	while (producers-- > 0)
		go(produce, l, n);
	while (consumers-- > 1)
		go(consume, l, polls);
	consume(l, false);
	ADD(other, 1);
}

static void say(chan(int) done, uint32_t how)
{
	switch (how) {
	case 0: chan_send(done, 1); break;
	case 1: chan_close(done); break;
	case 2: chan_select(on_send(done, 1)); break;
	}
}

static void last_word(struct t_rng *r)
{
	chan(int) done = chan_make(int, t_below(r, 2));
	go(say, done, (uint32_t)t_below(r, 3));
	if (t_below(r, 2))
		garn_yield();
	chan_recv(done);
	chan_unref(done);
	ADD(other, 1);
}

static void work(void *arg)
{
	struct user *u = arg;
	u->r = t_rng(t_seed(), u->id);
	while (t_now() < finish) {
		for (int i = 0; i < 50; i++)
			use_shared(u);
		short_life(&u->r);
		for (int i = 0; i < 5; i++)
			last_word(&u->r);
		if (t_below(&u->r, 4) == 0)
			garn_yield();
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
		c[i] = chan_make(struct value, sizes[i]);
	running = WORKERS;
	for (uint32_t i = 0; i < WORKERS; i++) {
		u[i].id = i;
		t_start(&w[i], i < THREADS, work, &u[i]);
	}
	// Left alone, all would soon wait, each for another. Here is somebody who never waits.
	struct user *me = &u[WORKERS];
	me->id = WORKERS;
	for (int k = 0; GET(running) > 0; k++) {
		for (int i = 0; i < CHANNELS; i++) {
			struct value v = next_value(me, i);
			if (chan_try_recv(c[i], &v))
				has_received(me, i, v);
			v = next_value(me, i);
			if (k % 2 && chan_try_send(c[i], v))
				has_sent(i, v);
		}
		t_rest(k);
	}
	for (int i = 0; i < WORKERS; i++)
		t_join(&w[i]);
	uint64_t n = other;
	for (int i = 0; i < CHANNELS; i++) {
		struct value v;
		while (chan_try_recv(c[i], &v))
			has_received(me, i, v);
		CHECK_EQ(sent[i], received[i]);
		CHECK_EQ(sentsum[i], receivedsum[i]);
		n += sent[i];
		chan_unref(c[i]);
	}
	printf("%llu sends\n", (unsigned long long)n);
	return 0;
}
