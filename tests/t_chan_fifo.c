// Who waits longest is served first: senders and receivers, goroutines, threads and selects in one queue; and one who
// leaves the queue does not disturb the order of the others.
#include "t_sync.h"

enum { N = 24 };

struct waiter {
	chan(int) c, leave;
	int i;
	uint32_t *arrived;
	bool left;
	int got;
	struct t_worker w;
};

static void receive(void *arg)
{
	struct waiter *t = arg;
	chan(int) never = NULL;
	int v = -1;
	ADD(*t->arrived, 1);
	if (t->leave != NULL)
		t->left = chan_select(on_recv(t->c, &v), on_recv(t->leave, NULL)) == 1;
	else if (t->i % 3 == 0)
		CHECK_EQ(chan_select(on_recv(never, NULL), on_recv(t->c, &v)), 1);
	else
		v = chan_recv(t->c);
	t->got = v;
}

static void send(void *arg)
{
	struct waiter *t = arg;
	chan(int) never = NULL;
	ADD(*t->arrived, 1);
	if (t->leave != NULL)
		t->left = chan_select(on_send(t->c, t->i), on_recv(t->leave, NULL)) == 1;
	else if (t->i % 3 == 0)
		CHECK_EQ(chan_select(on_recv(never, NULL), on_send(t->c, t->i)), 1);
	else
		chan_send(t->c, t->i);
}

static void leave_now(struct waiter *t, int n, chan(int) leave)
{
	chan_close(leave);
	for (int i = 0; i < n; i++) {
		if (t[i].leave != NULL) {
			t_join(&t[i].w);
			CHECK(t[i].left);
		}
	}
}

// N waiters come one after the other; some of them leave; the others are served in the order they came.
static void served_in_order(int cap, bool senders, bool leavers)
{
	struct waiter t[N];
	uint32_t arrived = 0;
	chan(int) c = chan_make(int, cap), leave = chan_make(int, 0);
	if (senders)
		for (int i = 0; i < cap; i++)
			chan_send(c, -1 - i);
	for (int i = 0; i < N; i++) {
		if (i == N - 3 && leavers)
			leave_now(t, i, leave); // the last three come behind those who have left
		t[i] = (struct waiter){ .c = c, .i = i, .arrived = &arrived };
		if (leavers && i < N - 3 && (i == 0 || i == N - 4 || i % 4 == 2))
			t[i].leave = leave;
		t_start(&t[i].w, i % 5 == 1, senders ? send : receive, &t[i]);
		t_await(&arrived, (uint32_t)i + 1);
		t_settle();
	}
	if (senders)
		for (int i = 0; i < cap; i++)
			CHECK_EQ(chan_recv(c), -1 - i);
	for (int i = 0; i < N; i++) {
		if (t[i].left)
			continue;
		if (senders) {
			CHECK_EQ(chan_recv(c), i);
			t_join(&t[i].w);
		} else {
			chan_send(c, i);
			t_join(&t[i].w);
			CHECK_EQ(t[i].got, i);
		}
	}
	CHECK_EQ(chan_len(c), 0);
	chan_unref(c);
	chan_unref(leave);
}

// A row of goroutines, each let in by the one before: what they send and get is in the order of the row.
static void link_recv(chan(int) c, int i, chan(int) before, chan(int) next)
{
	chan_recv(before);
	CHECK_EQ(chan_recv(c), i);
	chan_send(next, 1);
	chan_unref(before);
	chan_unref(next);
}

static void link_send(chan(int) c, int i, chan(int) before, chan(int) next)
{
	chan_recv(before);
	chan_send(c, i);
	chan_send(next, 1);
	chan_unref(before);
	chan_unref(next);
}

static void row(int cap, bool senders)
{
	chan(int) c = chan_make(int, cap), first = chan_make(int, 0), last = first;
	for (int i = 0; i < N; i++) {
		chan(int) next = chan_make(int, 0);
		if (senders)
			go(link_send, c, i, chan_ref(last), chan_ref(next));
		else
			go(link_recv, c, i, chan_ref(last), chan_ref(next));
		if (last != first)
			chan_unref(last);
		last = next;
	}
	chan_send(first, 1);
	for (int i = 0; i < N; i++) {
		if (senders)
			CHECK_EQ(chan_recv(c), i);
		else
			chan_send(c, i);
	}
	chan_recv(last);
	chan_unref(first);
	chan_unref(last);
	chan_unref(c);
}

int main(void)
{
	for (int cap = 0; cap <= 3; cap += 3) {
		for (int kind = 0; kind < 4; kind++)
			served_in_order(cap, kind & 1, kind & 2);
		row(cap, true);
		row(cap, false);
	}
	return 0;
}
