// garn_on_thread_stack: what does not wait works there, also when the P is taken away meanwhile.
#include "t_sync.h"

enum { N = 1000 };

static garn_waitgroup wg;
static garn_mutex mu;
static garn_cond cond;
static garn_sem sem;
static int going, ready, flag;
static uint64_t mainid;

static void counts(int by)
{
	__atomic_fetch_add(&going, by, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

static void passes(chan(int) from, chan(int) to)
{
	int v;
	garn_waitgroup_done(&wg);
	while (chan_recv_ok(from, &v))
		chan_send(to, v + 1);
	chan_close(to);
	chan_unref(from);
	chan_unref(to);
}

static void waits(void)
{
	garn_mutex_lock(&mu);
	ready++;
	while (!flag)
		garn_cond_wait(&cond, &mu);
	garn_mutex_unlock(&mu);
	garn_sem_acquire(&sem);
	garn_waitgroup_done(&wg);
}

struct chans {
	chan(int) in, out, room;
};

static void inner(void *arg)
{
	*(uint64_t *)arg = garn_goid();
}

static void uses(struct chans *cs)
{
	int v = 0;
	uint64_t id = 0;
	CHECK_EQ(garn_goid(), mainid);
	garn_on_thread_stack(inner, &id);
	CHECK_EQ(id, mainid);
	garn_waitgroup_add(&wg, N);
	for (int i = 0; i < N; i++) // more than fit into a queue
		go(counts, 1);
	while (!chan_try_send(cs->in, 1)) // until somebody waits for it
		;
	chan_send(cs->room, 2);
	CHECK(!chan_try_send(cs->room, 3));
	CHECK_EQ(chan_select(on_recv(cs->room, &v), on_default), 0);
	CHECK_EQ(v, 2);
	CHECK_EQ(chan_select(on_recv(cs->room, &v), on_default), 1);
	garn_mutex_lock(&mu);
	flag = 1;
	garn_cond_broadcast(&cond);
	garn_mutex_unlock(&mu);
	garn_sem_release(&sem);
	chan_close(cs->in);
}

static void onthread(void *arg)
{
	uses(arg);
}

// Goes on when another goroutine has run: at GARN_MAXPROCS=1 on the P that was taken from it.
static void spins(void *arg)
{
	chan(int) room = arg;
	garn_waitgroup_add(&wg, 1);
	go(counts, 1);
	while (__atomic_load_n(&going, __ATOMIC_RELAXED) == 0)
		;
	chan_send(room, 5);
	garn_waitgroup_add(&wg, 1);
	go(counts, 1);
	garn_mutex_lock(&mu);
	garn_mutex_unlock(&mu);
}

int main(void)
{
	struct chans cs = { chan_make(int, 0), chan_make(int, 0), chan_make(int, 1) };
	mainid = garn_goid();
	garn_waitgroup_add(&wg, 2);
	go(passes, chan_ref(cs.in), chan_ref(cs.out));
	go(waits);
	for (int seen = 0; !seen;) { // until both wait
		garn_sleep(GARN_MS(1));
		garn_mutex_lock(&mu);
		seen = ready;
		garn_mutex_unlock(&mu);
	}
	garn_on_thread_stack(onthread, &cs);
	CHECK_EQ(chan_recv(cs.out), 2);
	int v;
	CHECK(!chan_recv_ok(cs.out, &v));
	garn_waitgroup_wait(&wg);
	CHECK_EQ(going, N);

	going = 0;
	garn_on_thread_stack(spins, cs.room);
	CHECK_EQ(chan_recv(cs.room), 5);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(going, 2);
	chan_unref(cs.in);
	chan_unref(cs.out);
	chan_unref(cs.room);
	return 0;
}
