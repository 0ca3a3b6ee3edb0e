// garn_after's channels that nobody wants any more: they and their timers end with the last reference and not with
// their time. So a loop may make one for each turn; and a channel dropped at the very moment its time comes, from another
// thread, with the value taken or not, is freed once.
#include "t_memory.h"
#include "t_sync.h"

enum { TURNS = T_SCALED(1000000), RACES = T_SCALED(20000), RACERS = 4 };

// A select loop with garn_after as its timeout, which never comes.
static void loop(chan(int) c, int n)
{
	for (int i = 0; i < n; i++) {
		int v;
		int64_t when;
		chan(int64_t) timeout = garn_after(GARN_S(3600));
		chan_send(c, i);
		CHECK_EQ(chan_select(on_recv(timeout, &when), on_recv(c, &v)), 1);
		CHECK_EQ(v, i);
		chan_unref(timeout);
	}
}

static void loops(void)
{
	chan(int) c = chan_make(int, 1);
	loop(c, TURNS / 10);
	long before = t_status_kb("VmRSS:");
	loop(c, TURNS);
	long grown = t_status_kb("VmRSS:") - before;
	chan_unref(c);
	CHECK(T_SANITIZED || grown < 4096); // a million channels would be 100 MB
}

// Dropped by one, by another who has a reference of his own, before or about when it fires.
static void dropper(chan(chan(int64_t)) in, chan(int) done)
{
	chan(int64_t) c;
	int64_t v;
	for (int i = 0; chan_recv_ok(in, &c); i++) {
		if (i % 3 == 0)
			chan_try_recv(c, &v);
		chan_unref(c);
	}
	chan_send(done, 1);
}

static void *dropthread(void *arg)
{
	dropper(((void **)arg)[0], ((void **)arg)[1]);
	return NULL;
}

static void races(struct t_rng *r)
{
	chan(chan(int64_t)) out = chan_make(chan(int64_t), 8);
	chan(int) done = chan_make(int, 0);
	pthread_t th;
	void *both[2] = { (void *)out, (void *)done };
	CHECK_EQ(pthread_create(&th, NULL, dropthread, both), 0);
	for (int i = 0; i < RACERS; i++)
		go(dropper, out, done);
	for (int i = 0; i < RACES; i++) {
		int64_t v, ns = (int64_t)t_below(r, 20000);
		chan(int64_t) c = garn_after(ns);
		chan_send(out, chan_ref(c));
		for (int64_t end = garn_now() + (int64_t)t_below(r, 20000); garn_now() < end;)
			if (t_below(r, 8) == 0)
				garn_yield();
		if (i % 4 == 0) // the dropper may have taken it
			chan_select(on_recv(c, &v), on_timeout(GARN_US(20)));
		chan_unref(c);
	}
	chan_close(out);
	for (int i = 0; i < RACERS + 1; i++)
		chan_recv(done);
	pthread_join(th, NULL);
	chan_unref(out);
	chan_unref(done);
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	loops();
	races(&r);
	return 0;
}
