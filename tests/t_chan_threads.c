// Channels between threads and goroutines: both send, both receive, on the same channels, many of them; a thread waits
// as a thread; one channel wakes a crowd; and a program of threads only.
#include "t_sync.h"

enum { EACH = T_SCALED(400), SIDE = 12, CROWD = 64 };

struct flow {
	chan(uint32_t) c;
	uint64_t sent, received; // A: sums
	uint32_t values;         // A
	bool select;
};

static void send(void *arg)
{
	struct flow *f = arg;
	chan(uint32_t) never = NULL;
	uint64_t sum = 0;
	for (uint32_t i = 1; i <= EACH; i++) {
		sum += i;
		if (f->select && i % 2)
			CHECK_EQ(chan_select(on_recv(never, NULL), on_send(f->c, i)), 1);
		else
			chan_send(f->c, i);
	}
	ADD(f->sent, sum);
}

static void receive(void *arg)
{
	struct flow *f = arg;
	chan(uint32_t) never = NULL;
	uint64_t sum = 0;
	uint32_t n = 0, v;
	for (bool ok = true; ok; n += ok) {
		if (f->select && n % 2)
			CHECK_EQ(chan_select(on_recv(never, NULL), on_recv(f->c, &v, &ok)), 1);
		else
			ok = chan_recv_ok(f->c, &v);
		sum += ok ? v : 0;
	}
	ADD(f->values, n);
	ADD(f->received, sum);
}

// Of SIDE senders and as many receivers, so many of each are threads.
static void mixed(int cap, int senders, int receivers, bool select)
{
	struct flow f = { .c = chan_make(uint32_t, cap), .select = select };
	struct t_worker s[SIDE], r[SIDE];
	for (int i = 0; i < SIDE; i++) {
		t_start(&s[i], i < senders, send, &f);
		t_start(&r[i], i < receivers, receive, &f);
	}
	for (int i = 0; i < SIDE; i++)
		t_join(&s[i]);
	chan_close(f.c);
	for (int i = 0; i < SIDE; i++)
		t_join(&r[i]);
	CHECK_EQ(f.values, EACH * SIDE);
	CHECK_EQ(f.sent, f.received);
	chan_unref(f.c);
}

struct crowd {
	chan(int) start, answers;
	uint32_t arrived;
};

static void stand(void *arg)
{
	struct crowd *c = arg;
	int v;
	CHECK_EQ(garn_goid(), 0);
	ADD(c->arrived, 1);
	CHECK(!chan_recv_ok(c->start, &v));
	chan_send(c->answers, 1);
}

static void crowd(void)
{
	struct crowd c = { chan_make(int, 0), chan_make(int, 0), 0 };
	struct t_worker *w = calloc(CROWD, sizeof *w);
	for (int i = 0; i < CROWD; i++)
		t_start(&w[i], true, stand, &c);
	t_await(&c.arrived, CROWD);
	t_settle();
	chan_close(c.start);
	for (int i = 0; i < CROWD; i++)
		CHECK_EQ(chan_recv(c.answers), 1);
	for (int i = 0; i < CROWD; i++)
		t_join(&w[i]);
	free(w);
	chan_unref(c.start);
	chan_unref(c.answers);
}

// Threads come and go, and each asks a goroutine once: what stands for a thread is used again.
static void answer(chan(chan(int)) questions)
{
	chan(int) q;
	while (chan_recv_ok(questions, &q))
		chan_send(q, 42);
	chan_unref(questions);
}

static void ask(void *arg)
{
	chan(chan(int)) questions = (chan(chan(int)))arg;
	chan(int) q = chan_make(int, 0);
	chan_send(questions, q);
	CHECK_EQ(chan_recv(q), 42);
	chan_unref(q);
}

static void come_and_go(void)
{
	chan(chan(int)) questions = chan_make(chan(int), 0);
	go(answer, chan_ref(questions));
	for (int i = 0; i < T_SCALED(300); i++) {
		struct t_worker w[4];
		for (int j = 0; j < 4; j++)
			t_start(&w[j], true, ask, (void *)questions);
		for (int j = 0; j < 4; j++)
			t_join(&w[j]);
	}
	chan_close(questions);
	chan_unref(questions);
}

int main(void)
{
	static const int some[] = { 0, 4, SIDE };
	for (int cap = 0; cap < 70; cap = cap * 4 + 1)
		for (int i = 0; i < 3; i++)
			for (int j = 0; j < 3; j++)
				mixed(cap, some[i], some[j], (i + j) % 2);
	crowd();
	come_and_go();
	return 0;
}
