// The calls that never wait, for elements of many sizes, with and without a buffer: they fail when nobody is there, and go
// through once somebody waits on the other side; a value that was not taken is not sent.
#include "t_sync.h"

enum { MOST = 1000 };
static const size_t sizes[] = { 0, 1, 2, 3, 4, 8, 12, 16, 24, 100, MOST };

static void fill(unsigned char *v, size_t size, int seed)
{
	for (size_t i = 0; i < size; i++)
		v[i] = (unsigned char)(seed + (int)i * 7);
}

static void check(const unsigned char *v, size_t size, int seed)
{
	for (size_t i = 0; i < size; i++)
		CHECK_EQ(v[i], (unsigned char)(seed + (int)i * 7));
	CHECK_EQ(v[size], 0xcc);
}

struct partner {
	garn_chan *c;
	size_t size;
	int seed;
};

static void send(void *arg)
{
	struct partner *p = arg;
	unsigned char v[MOST + 1];
	fill(v, p->size, p->seed);
	garn_chan_send(p->c, v);
}

static void receive(void *arg)
{
	struct partner *p = arg;
	unsigned char v[MOST + 1];
	memset(v, 0xcc, sizeof v);
	CHECK(garn_chan_recv(p->c, v));
	check(v, p->size, p->seed);
}

static bool try_send(garn_chan *c, void *v, bool by_select)
{
	struct garn_case k[2] = { { .kind = GARN_CASE_SEND, .c = c, .elem = v }, { .kind = GARN_CASE_DEFAULT } };
	return by_select ? garn_select(k, 2) == 0 : garn_chan_try_send(c, v);
}

static bool try_recv(garn_chan *c, void *v, bool by_select)
{
	struct garn_case k[2] = { { .kind = GARN_CASE_DEFAULT }, { .kind = GARN_CASE_RECV, .c = c, .elem = v } };
	return by_select ? garn_select(k, 2) == 1 : garn_chan_try_recv(c, v);
}

static void one(size_t size, size_t cap, bool by_select, bool thread)
{
	garn_chan *c = garn_chan_make(size, cap);
	unsigned char v[MOST + 1];
	struct partner p = { c, size, 3 };
	struct t_worker w;
	memset(v, 0xcc, sizeof v);
	CHECK(!try_recv(c, v, by_select));
	CHECK(size == 0 || v[0] == 0xcc); // untouched

	t_start(&w, thread, receive, &p);
	if (cap == 0) {
		fill(v, size, 3);
		for (int i = 0; !try_send(c, v, by_select); i++)
			t_rest(i);
	} else {
		fill(v, size, 3);
		CHECK(try_send(c, v, by_select));
	}
	memset(v, 0xcc, sizeof v); // ours again
	t_join(&w);

	for (size_t i = 0; i < cap; i++) {
		fill(v, size, 100 + (int)i);
		CHECK(try_send(c, v, by_select));
	}
	fill(v, size, 50);
	CHECK(!try_send(c, v, by_select));
	CHECK_EQ(garn_chan_len(c), cap);

	p.seed = 4;
	t_start(&w, thread, send, &p);
	for (size_t i = 0; i < cap; i++) {
		memset(v, 0xcc, sizeof v);
		CHECK(try_recv(c, v, by_select));
		check(v, size, 100 + (int)i);
	}
	memset(v, 0xcc, sizeof v);
	for (int i = 0; !try_recv(c, v, by_select); i++)
		t_rest(i);
	check(v, size, 4);
	t_join(&w);
	CHECK(!try_recv(c, v, by_select));
	garn_chan_unref(c);
}

int main(void)
{
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (size_t cap = 0; cap < 4; cap++)
			for (int how = 0; how < 4; how++)
				one(sizes[i], cap, how & 1, how & 2);
	return 0;
}
