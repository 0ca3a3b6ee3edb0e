// garn_after: one value, the time, not before its moment; a channel with room for one; whoever drops it first.
// In order of their deadlines on one P (elsewhere two threads may each carry one that is due).
#include "garn.h"
#include "test.h"

static void rules(void)
{
	int64_t v, start = garn_now();
	chan(int64_t) c = garn_after(GARN_S(3600));
	CHECK_EQ(chan_cap(c), 1);
	CHECK_EQ(chan_len(c), 0);
	CHECK(!chan_try_recv(c, &v));
	chan_unref(c); // long before

	c = garn_after(GARN_MS(2));
	v = chan_recv(c);
	CHECK(v - start >= GARN_MS(2));
	CHECK(v <= garn_now());
	CHECK_EQ(chan_len(c), 0);
	CHECK(!chan_try_recv(c, &v)); // one value only
	chan_unref(c);

	c = garn_after(GARN_US(100));
	while (chan_len(c) == 0) // nobody waits: it stays in the channel
		garn_sleep(GARN_US(50));
	CHECK_EQ(chan_len(c), 1);
	CHECK(chan_try_recv(c, &v));
	CHECK_EQ(chan_len(c), 0);
	chan_unref(c);

	static const int64_t none[] = { 0, -1, INT64_MIN };
	for (int i = 0; i < 3; i++) {
		start = garn_now();
		c = garn_after(none[i]);
		v = chan_recv(c);
		CHECK(v >= start && v <= garn_now());
		chan_unref(c);
	}

	static const int64_t far[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX / 2 };
	for (int i = 0; i < 3; i++) {
		c = garn_after(far[i]);
		CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(GARN_US(100))), 1);
		chan_unref(c);
	}
}

// Closed by its user before the time comes: the value has nowhere to go, and that is all.
static void closed(void)
{
	chan(int64_t) c = garn_after(GARN_US(200)), later = garn_after(GARN_MS(2));
	chan_close(c);
	chan_recv(later);
	int64_t v = 5;
	if (chan_recv_ok(c, &v)) // a slow machine: the time came before the close
		CHECK(!chan_recv_ok(c, &v));
	CHECK_EQ(v, 0);
	chan_unref(c);
	chan_unref(later);
}

enum { N = 60 };

static void queuing(struct t_rng *r)
{
	int slot[N];
	chan(int64_t) c[N];
	int64_t lo[N], hi[N], v[N]; // the deadline lies between
	for (int i = 0; i < N; i++)
		slot[i] = i;
	for (int i = N; i-- > 1;) {
		int k = (int)t_below(r, (uint64_t)i + 1), t = slot[i];
		slot[i] = slot[k];
		slot[k] = t;
	}
	int64_t start = garn_now();
	for (int i = 0; i < N; i++) {
		int s = slot[i];
		int64_t now = garn_now(), ns = start + GARN_MS(4) + s * GARN_US(100) - now;
		lo[s] = now + ns;
		c[s] = garn_after(ns);
		hi[s] = garn_now() + ns;
	}
	// One P runs what is due in order. But none may be due before the last is there: this goroutine may lose its P meanwhile.
	bool alone = garn_gomaxprocs(0) == 1 && garn_now() < start + GARN_MS(4);
	for (int s = N; s-- > 0;) {
		v[s] = chan_recv(c[s]);
		CHECK(v[s] >= lo[s]);
		for (int k = 0; k < N && alone; k++) {
			if (k < s && hi[k] < lo[s])
				CHECK_EQ(chan_len(c[k]), 1); // all before it are there
			if (k > s && hi[s] < lo[k])
				CHECK(v[s] <= v[k]);
		}
	}
	for (int s = 0; s < N; s++)
		chan_unref(c[s]);
}

static void waiter(chan(int64_t) c, int64_t when, chan(int) done)
{
	CHECK(chan_recv(c) >= when);
	chan_unref(c);
	chan_send(done, 1);
}

// Hundreds at once, dropped, awaited, or left until after they fired.
static void many(struct t_rng *r)
{
	enum { MANY = 2000 / T_SCALE };
	chan(int) done = chan_make(int, 0);
	static chan(int64_t) kept[MANY];
	int waiting = 0, keep = 0;
	for (int i = 0; i < MANY; i++) {
		int64_t ns = (int64_t)t_below(r, 5000000), when = garn_now() + ns;
		chan(int64_t) c = garn_after(ns);
		switch (i % 3) {
		case 0: chan_unref(c); break;
		case 1: go(waiter, c, when, done); waiting++; break;
		case 2: kept[keep++] = c; break;
		}
	}
	for (; waiting > 0; waiting--)
		chan_recv(done);
	for (int i = 0; i < keep; i++) {
		if (i % 2)
			chan_recv(kept[i]);
		chan_unref(kept[i]);
	}
	chan_unref(done);
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	rules();
	closed();
	for (int i = 0; i < 5; i++)
		queuing(&r);
	many(&r);
	garn_sleep(GARN_MS(6)); // for whatever should not come
	return 0;
}
