// select from threads that run no goroutine, with threads and with goroutines on the other side, many at a time.
#include "t_sync.h"

enum { EACH = T_SCALED(500), SENDERS = 6, SELECTORS = 6 };

struct exchange {
	chan(uint32_t) c[3], done;
	uint64_t sent, received;
	uint32_t n, timeouts, ids;
};

static void send(void *arg)
{
	struct exchange *x = arg;
	struct t_rng r = t_rng(t_seed(), ADD(x->ids, 1));
	for (int i = 0; i < EACH; i++) {
		uint32_t v = 1 + (uint32_t)t_below(&r, 1000);
		ADD(x->sent, v);
		switch (t_below(&r, 3)) {
		case 0: chan_send(x->c[0], v); break;
		case 1: chan_select(on_send(x->c[1], v), on_send(x->c[2], v), on_send(x->c[0], v)); break;
		case 2:
			while (chan_select(on_send(x->c[2], v), on_timeout((int64_t)t_below(&r, 50000))) != 0)
				;
			break;
		}
	}
}

static void receive(void *arg)
{
	struct exchange *x = arg;
	struct t_rng r = t_rng(t_seed(), ADD(x->ids, 1));
	for (;;) {
		uint32_t v = 0;
		int k = chan_select(on_recv(x->c[0], &v), on_recv(x->c[1], &v), on_recv(x->c[2], &v),
				    on_recv(x->done, NULL), on_timeout((int64_t)t_below(&r, 200000)));
		if (k == 3)
			return;
		if (k == 4) {
			CHECK_EQ(v, 0);
			ADD(x->timeouts, 1);
			continue;
		}
		CHECK(v > 0);
		ADD(x->received, v);
		ADD(x->n, 1);
	}
}

static void run(int sending, int selecting, size_t cap)
{
	struct exchange x = { .sent = 0 };
	struct t_worker s[SENDERS], r[SELECTORS];
	for (int i = 0; i < 3; i++)
		x.c[i] = chan_make(uint32_t, cap);
	x.done = chan_make(uint32_t, 0);
	for (int i = 0; i < SENDERS; i++)
		t_start(&s[i], i < sending, send, &x);
	for (int i = 0; i < SELECTORS; i++)
		t_start(&r[i], i < selecting, receive, &x);
	for (int i = 0; i < SENDERS; i++)
		t_join(&s[i]);
	t_await(&x.n, SENDERS * EACH);
	chan_close(x.done);
	for (int i = 0; i < SELECTORS; i++)
		t_join(&r[i]);
	CHECK_EQ(x.n, SENDERS * EACH);
	CHECK_EQ(x.sent, x.received);
	for (int i = 0; i < 3; i++)
		chan_unref(x.c[i]);
	chan_unref(x.done);
}

int main(void)
{
	static const int some[] = { 0, 3, SENDERS };
	t_seed();
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			run(some[i], some[j], (size_t)(i + j) % 3);
	return 0;
}
