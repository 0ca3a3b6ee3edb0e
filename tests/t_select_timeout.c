// on_timeout: never early, due at once when it is not above 0, the shortest of several; against a value that comes at about the
// same moment one of the two wins, and the value is neither lost nor doubled; an old one never ends a later select.
#include "t_sync.h"

enum { PAIRS = 16, ROUNDS = T_SCALED(1000) };

static void alone(void)
{
	chan(int) c = chan_make(int, 0), nil = NULL;
	int v = -1;
	for (int i = 0; i < 5; i++) {
		int64_t ns = GARN_US(50) << i, start = garn_now();
		switch (i % 3) {
		case 0: CHECK_EQ(chan_select(on_timeout(ns)), 0); break;
		case 1: CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(ns)), 1); break;
		case 2: CHECK_EQ(chan_select(on_recv(nil, &v), on_timeout(ns), on_send(c, 1)), 1); break;
		}
		CHECK(garn_now() - start >= ns);
	}
	CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(0)), 1);
	CHECK_EQ(chan_select(on_timeout(-5), on_recv(c, &v)), 0);
	CHECK_EQ(chan_select(on_timeout(INT64_MIN)), 0);
	CHECK_EQ(chan_select(on_timeout(GARN_S(1000)), on_default), 1);
	CHECK_EQ(chan_select(on_timeout(GARN_S(1000)), on_timeout(GARN_US(20)), on_timeout(INT64_MAX), on_recv(c, &v)), 1);
	CHECK_EQ(v, -1);
	CHECK(!chan_try_send(c, 1)); // nobody is left
	CHECK(!chan_try_recv(c, &v));
	chan_unref(c);
	// what is ready goes first, however short the time
	c = chan_make(int, 1);
	for (int i = 0; i < 20; i++) {
		CHECK_EQ(chan_select(on_timeout(0), on_send(c, i)), 1);
		CHECK_EQ(chan_select(on_timeout(-1), on_recv(c, &v)), 1);
		CHECK_EQ(v, i);
		CHECK_EQ(chan_select(on_timeout(1), on_send(c, i)), 1);
		CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(1)), 0);
	}
	chan_unref(c);
}

// A timeout that has lost does not end later waits: neither selects nor sleeps nor receives.
static void send_later(chan(int) c, int64_t ns)
{
	garn_sleep(ns);
	chan_send(c, 1);
}

static void stale(void *arg)
{
	chan(int) a = chan_make(int, 0), b = chan_make(int, 0);
	int v;
	(void)arg;
	for (int i = 0; i < 20; i++) {
		go(send_later, a, 0);
		CHECK_EQ(chan_select(on_recv(a, &v), on_timeout(GARN_S(1000))), 0);
		go(send_later, a, 0);
		int k = chan_select(on_recv(a, &v), on_timeout(GARN_US(100)));
		int64_t start = garn_now();
		switch (i % 4) {
		case 0: garn_sleep(GARN_US(300)); CHECK(garn_now() - start >= GARN_US(300)); break;
		case 1: go(send_later, b, GARN_US(200)); CHECK_EQ(chan_select(on_recv(b, &v)), 0); break;
		case 2: go(send_later, b, GARN_US(200)); CHECK_EQ(chan_recv(b), 1); break;
		case 3:
			CHECK_EQ(chan_select(on_recv(b, &v), on_timeout(GARN_US(300))), 1);
			CHECK(garn_now() - start >= GARN_US(300));
			break;
		}
		if (k == 1)
			chan_recv(a);
	}
	chan_unref(a);
	chan_unref(b);
}

// Both ends of a channel give up after about as long as the other needs: what one says it sent, the other got.
struct pair {
	chan(int) c;
	uint32_t sent, received, giveups, stop;
	uint64_t n;
};

static void sender(void *arg)
{
	struct pair *p = arg;
	struct t_rng r = t_rng(t_seed(), p->n);
	for (int i = 0; i < ROUNDS; i++) {
		if (chan_select(on_timeout((int64_t)t_below(&r, 60000) - 1000), on_send(p->c, 1)) == 1)
			ADD(p->sent, 1);
		else
			ADD(p->giveups, 1);
		if (t_below(&r, 4) == 0)
			garn_sleep((int64_t)t_below(&r, 60000));
	}
	chan_close(p->c);
}

static void receiver(void *arg)
{
	struct pair *p = arg;
	struct t_rng r = t_rng(t_seed(), 1000 + p->n);
	for (bool ok = true; ok;) {
		int v = 0;
		if (chan_select(on_recv(p->c, &v, &ok), on_timeout((int64_t)t_below(&r, 60000) - 1000)) == 0) {
			CHECK_EQ(v, ok);
			ADD(p->received, ok);
		} else {
			CHECK_EQ(v, 0);
		}
		if (t_below(&r, 4) == 0)
			garn_sleep((int64_t)t_below(&r, 60000));
	}
}

static void photo_finish(size_t cap)
{
	struct pair p[PAIRS];
	struct t_worker s[PAIRS], r[PAIRS];
	for (int i = 0; i < PAIRS; i++) {
		p[i] = (struct pair){ .c = chan_make(int, cap), .n = (uint64_t)i };
		t_start(&s[i], i >= PAIRS - 3, sender, &p[i]);
		t_start(&r[i], i >= PAIRS - 2, receiver, &p[i]);
	}
	for (int i = 0; i < PAIRS; i++) {
		t_join(&s[i]);
		t_join(&r[i]);
		CHECK_EQ(p[i].sent, p[i].received);
		CHECK_EQ(p[i].sent + p[i].giveups, ROUNDS);
		chan_unref(p[i].c);
	}
}

// A thousand time out together.
static void expire(chan(int) never, uint32_t *ended)
{
	CHECK_EQ(chan_select(on_recv(never, NULL), on_timeout(GARN_MS(2))), 1);
	ADD(*ended, 1);
}

static void together(void)
{
	chan(int) never = chan_make(int, 0);
	uint32_t ended = 0;
	for (int i = 0; i < 1000; i++)
		go(expire, never, &ended);
	t_await(&ended, 1000);
	CHECK(!chan_try_send(never, 1));
	chan_unref(never);
}

int main(void)
{
	struct t_worker w;
	t_seed();
	alone();
	for (int thread = 0; thread < 2; thread++) {
		t_start(&w, thread, stale, NULL);
		t_join(&w);
	}
	photo_finish(0);
	photo_finish(1);
	together();
	return 0;
}
