// Selects leave nothing behind: not 100,000 of them over busy channels, and not on a channel where nothing ever happens.
#include "t_memory.h"
#include "t_sync.h"

enum { SELECTS = T_SCALED(100000) };

static void send_many(chan(int) c, int n)
{
	for (int i = 0; i < n; i++)
		chan_send(c, i);
}

static void receive_many(chan(int) a, chan(int) b, chan(int) quiet, int n)
{
	int v;
	for (int i = 0; i < n; i++)
		CHECK(chan_select(on_recv(quiet, &v), on_recv(a, &v), on_recv(b, &v), on_recv(quiet, NULL),
				  on_timeout(GARN_S(1000))) % 4 != 0);
}

static void some(chan(int) quiet, int n, size_t cap)
{
	chan(int) a = chan_make(int, cap), b = chan_make(int, cap);
	go(send_many, a, n);
	go(send_many, b, n);
	receive_many(a, b, quiet, 2 * n);
	chan_unref(a);
	chan_unref(b);
}

// Each select waits: its partner answers one question at a time.
static void echo(chan(int) in, chan(int) out)
{
	int v;
	while (chan_recv_ok(in, &v))
		chan_send(out, v);
	chan_close(out);
}

static void in_turn(chan(int) quiet, int n)
{
	chan(int) a = chan_make(int, 0), b = chan_make(int, 0);
	int v;
	go(echo, a, b);
	for (int i = 0; i < n; i++) {
		CHECK_EQ(chan_select(on_recv(quiet, &v), on_send(a, i), on_send(quiet, 1)), 1);
		CHECK_EQ(chan_select(on_recv(quiet, &v), on_send(quiet, 2), on_recv(b, &v)), 2);
		CHECK_EQ(v, i);
	}
	chan_close(a);
	CHECK(!chan_recv_ok(b, &v));
	chan_unref(a);
	chan_unref(b);
}

int main(void)
{
	chan(int) quiet = chan_make(int, 0);
	long before = 0;
	for (int i = 0; i < 3; i++) {
		int n = i == 0 ? SELECTS / 20 : SELECTS;
		some(quiet, n / 2, 0);
		some(quiet, n / 2, 10);
		in_turn(quiet, n);
		if (i == 0)
			before = t_status_kb("VmRSS:");
	}
	long more = t_status_kb("VmRSS:") - before;
	// A sudog is about 80 bytes: one left by each select would make 40 MB.
	if (!T_SANITIZED && more > 4000) {
		fprintf(stderr, "%ld KB more than before\n", more);
		CHECK(more <= 4000);
	}
	int v;
	CHECK(!chan_try_send(quiet, 1));
	CHECK(!chan_try_recv(quiet, &v));
	chan_unref(quiet);
	return 0;
}
