// One select does one thing: never do two of its clauses go. A sender offers each number on four channels at once; every
// number must come out of exactly one. And the same for receiving: of four offers it takes one.
#include "t_sync.h"

enum { NUMBERS = T_SCALED(100000), WAYS = 4 };

struct net {
	chan(uint32_t) c[WAYS], all;
	uint32_t takers;
};

static void offer(void *arg)
{
	struct net *n = arg;
	for (uint32_t i = 0; i < NUMBERS; i++)
		chan_select(on_send(n->c[0], i), on_send(n->c[1], i), on_send(n->c[2], i), on_send(n->c[3], i));
	for (int i = 0; i < WAYS; i++)
		chan_close(n->c[i]);
}

struct way {
	struct net *n;
	int i;
};

static void take(void *arg)
{
	struct way *w = arg;
	uint32_t v;
	while (chan_recv_ok(w->n->c[w->i], &v))
		chan_send(w->n->all, v);
	if (ADD(w->n->takers, -1) == 0)
		chan_close(w->n->all);
}

static void once_each(chan(uint32_t) all)
{
	static uint8_t seen[NUMBERS];
	uint32_t v, n = 0;
	memset(seen, 0, sizeof seen);
	while (chan_recv_ok(all, &v)) {
		CHECK(v < NUMBERS && !seen[v]);
		seen[v] = 1;
		n++;
	}
	CHECK_EQ(n, NUMBERS);
}

static void net_make(struct net *n, size_t cap)
{
	for (int i = 0; i < WAYS; i++)
		n->c[i] = chan_make(uint32_t, cap);
	n->all = chan_make(uint32_t, cap);
	n->takers = WAYS;
}

static void net_free(struct net *n)
{
	for (int i = 0; i < WAYS; i++)
		chan_unref(n->c[i]);
	chan_unref(n->all);
}

static void sending(size_t cap, int threads)
{
	struct net n;
	struct way way[WAYS];
	struct t_worker w[WAYS], o;
	net_make(&n, cap);
	for (int i = 0; i < WAYS; i++) {
		way[i] = (struct way){ &n, i };
		t_start(&w[i], i < threads, take, &way[i]);
	}
	t_start(&o, threads > WAYS, offer, &n);
	once_each(n.all);
	t_join(&o);
	for (int i = 0; i < WAYS; i++)
		t_join(&w[i]);
	net_free(&n);
}

// Each way has a sender; two selects take from all ways.
static void give(void *arg)
{
	struct way *w = arg;
	for (uint32_t i = (uint32_t)w->i; i < NUMBERS; i += WAYS)
		chan_send(w->n->c[w->i], i);
	chan_close(w->n->c[w->i]);
}

static void collect(void *arg)
{
	struct net *n = arg;
	chan(uint32_t) c[WAYS];
	memcpy(c, n->c, sizeof c);
	for (int open = WAYS; open > 0;) {
		uint32_t v[WAYS] = { ~0u, ~0u, ~0u, ~0u };
		bool ok;
		int k = chan_select(on_recv(c[0], &v[0], &ok), on_recv(c[1], &v[1], &ok), on_recv(c[2], &v[2], &ok),
				    on_recv(c[3], &v[3], &ok));
		for (int i = 0; i < WAYS; i++)
			CHECK(i == k || v[i] == ~0u);
		if (ok) {
			chan_send(n->all, v[k]);
		} else {
			c[k] = NULL; // a nil channel's clause never goes
			open--;
		}
	}
	if (ADD(n->takers, -2) == 0)
		chan_close(n->all);
}

static void receiving(size_t cap, int threads)
{
	struct net n;
	struct way way[WAYS];
	struct t_worker w[WAYS], two[2];
	net_make(&n, cap);
	for (int i = 0; i < WAYS; i++) {
		way[i] = (struct way){ &n, i };
		t_start(&w[i], i < threads, give, &way[i]);
	}
	for (int i = 0; i < 2; i++)
		t_start(&two[i], i < threads, collect, &n);
	once_each(n.all);
	for (int i = 0; i < 2; i++)
		t_join(&two[i]);
	for (int i = 0; i < WAYS; i++)
		t_join(&w[i]);
	net_free(&n);
}

int main(void)
{
	sending(0, 0);
	sending(1, 0);
	receiving(0, 0);
	receiving(2, 0);
	return 0;
}
