// Channels of every size from 0 to 200: order, length, closing, and four senders with four receivers.
#include "t_sync.h"

enum { SIZES = 200, SIDES = 4, EACH = T_SCALED(1000) };

static void send_up_to(chan(int) c, int n)
{
	for (int i = 0; i < n; i++)
		chan_send(c, i);
	chan_close(c);
}

// In order, and nothing after the end.
static void in_order(int cap)
{
	chan(int) c = chan_make(int, cap);
	int v = -1, n = 0;
	go(send_up_to, c, 100);
	while (chan_recv_ok(c, &v)) {
		CHECK_EQ(v, n);
		n++;
	}
	CHECK_EQ(n, 100);
	CHECK_EQ(v, 0); // zeroed by the receive that found the end
	CHECK_EQ(chan_recv(c), 0);
	v = -1;
	CHECK(chan_try_recv(c, &v));
	CHECK_EQ(v, 0);
	chan_unref(c);
}

// Without anybody else: it takes as many as its capacity, counts them, and gives them back in order.
static void filled(int cap)
{
	chan(int) c = chan_make(int, cap);
	int v = -1;
	CHECK_EQ(chan_cap(c), cap);
	for (int round = 0; round < 3; round++) {
		CHECK(!chan_try_recv(c, &v));
		CHECK_EQ(v, -1);
		for (int i = 0; i < cap; i++) {
			CHECK_EQ(chan_len(c), i);
			CHECK(chan_try_send(c, 10 * i + round));
		}
		CHECK_EQ(chan_len(c), cap);
		CHECK(!chan_try_send(c, 1));
		CHECK_EQ(chan_len(c), cap);
		// one out, one in: the buffer's end and start move on
		if (cap > 0) {
			CHECK_EQ(chan_recv(c), round);
			CHECK(chan_try_send(c, 10 * cap + round));
			CHECK(!chan_try_send(c, 1));
		}
		for (int i = 0; i < cap; i++) {
			CHECK_EQ(chan_len(c), cap - i);
			CHECK_EQ(chan_recv(c), 10 * (i + 1) + round);
		}
	}
	for (int i = 0; i < cap; i++)
		chan_send(c, i + 7);
	chan_close(c);
	CHECK_EQ(chan_len(c), cap);
	for (int i = 0; i < cap; i++) {
		CHECK(chan_recv_ok(c, &v));
		CHECK_EQ(v, i + 7);
	}
	CHECK(!chan_recv_ok(c, &v));
	CHECK_EQ(v, 0);
	CHECK_EQ(chan_len(c), 0);
	chan_unref(c);
}

static uint32_t seen[SIDES * EACH];

static void sender(chan(int) c, int side)
{
	for (int i = 0; i < EACH; i++)
		chan_send(c, side * EACH + i);
}

static void receiver(chan(int) c, chan(int) done)
{
	int last[SIDES], v;
	for (int i = 0; i < SIDES; i++)
		last[i] = -1;
	for (int i = 0; i < EACH; i++) {
		CHECK(chan_recv_ok(c, &v));
		CHECK(last[v / EACH] < v); // each sender's come in its order
		last[v / EACH] = v;
		ADD(seen[v], 1);
	}
	chan_send(done, 1);
}

static void four_by_four(int cap)
{
	chan(int) c = chan_make(int, cap), done = chan_make(int, 0);
	memset(seen, 0, sizeof seen);
	for (int i = 0; i < SIDES; i++) {
		go(sender, c, i);
		go(receiver, c, done);
	}
	for (int i = 0; i < SIDES; i++)
		chan_recv(done);
	for (int i = 0; i < SIDES * EACH; i++)
		CHECK_EQ(seen[i], 1);
	CHECK_EQ(chan_len(c), 0);
	chan_unref(c);
	chan_unref(done);
}

// Close tells everybody who waits: receivers get zero, all of them.
struct ended {
	chan(int) c;
	uint32_t arrived;
};

static void wait_for_end(void *arg)
{
	struct ended *t = arg;
	int v = -1;
	ADD(t->arrived, 1);
	CHECK(!chan_recv_ok(t->c, &v));
	CHECK_EQ(v, 0);
}

static void close_wakes_all(int cap)
{
	struct ended t = { chan_make(int, cap), 0 };
	struct t_worker w[20];
	for (int i = 0; i < 20; i++)
		t_start(&w[i], i % 5 == 0, wait_for_end, &t);
	t_await(&t.arrived, 20);
	t_settle();
	chan_close(t.c);
	for (int i = 0; i < 20; i++)
		t_join(&w[i]);
	chan_unref(t.c);
}

int main(void)
{
	for (int cap = 0; cap <= SIZES; cap++) {
		filled(cap);
		in_order(cap);
	}
	for (int cap = 0; cap <= SIZES; cap = cap < 3 ? cap + 1 : cap * 3)
		four_by_four(cap);
	close_wakes_all(0);
	close_wakes_all(3);
	return 0;
}
