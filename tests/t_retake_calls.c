// Loops that call garn all the time and never park: the try calls, starts, locks, the clock. They are switched against their will, where they
// call: the thread, errno, a thread-local variable and a pthread mutex held meanwhile are the same after it. A ticker goes on, and
// every loop moves. Also where nobody may compute without a processor: then only their calls give turns to the others.
// FLAGS: -DMAXHOGS=64
// FLAGS: -DMAXHOGS=0
#include "t_retake.h"

enum { LOOPS = 6 };
static garn_waitgroup wg;
static uint64_t turns[LOOPS];
static __thread int mine;
static uint32_t children;

__attribute__((constructor)) static void limit(void)
{
	setenv("GARN_MAXHOGS", MAXHOGS ? "64" : "0", 1);
}

static void child(void)
{
	ADD(children, 1);
	garn_waitgroup_done(&wg);
}

static void call(int id, chan(int) c)
{
	static garn_mutex mu[LOOPS];
	int v;
	switch (id % 3) {
	case 0:
		CHECK(!chan_try_recv(c, &v));
		break;
	case 1:
		CHECK(garn_mutex_trylock(&mu[id])); // lock might park
		CHECK_EQ(chan_select(on_recv(c, &v), on_default), 1);
		garn_mutex_unlock(&mu[id]);
		break;
	case 2:
		if (turns[id] % 64 == 0) {
			garn_waitgroup_add(&wg, 1);
			go(child);
		}
		CHECK(garn_now() > 0);
		CHECK(!chan_try_send(c, 1));
		break;
	}
}

static void loop(int id)
{
	pthread_mutex_t pm = PTHREAD_MUTEX_INITIALIZER;
	chan(int) c = chan_make(int, 0);
	int tid = t_tid();
	mine = id;
	errno = 100 + id;
	CHECK_EQ(pthread_mutex_lock(&pm), 0);
	while (!GET(over)) {
		for (int i = 0; i < 50; i++) {
			call(id, c);
			CHECK_EQ(errno, 100 + id);
			CHECK_EQ(mine, id);
		}
		CHECK_EQ(t_tid(), tid);
		ADD(turns[id], 1);
	}
	CHECK_EQ(pthread_mutex_unlock(&pm), 0);
	chan_unref(c);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	garn_waitgroup_add(&wg, LOOPS);
	go(t_ticking);
	for (int i = 0; i < LOOPS; i++)
		go(loop, i);
	t_ticks(MAXHOGS ? TICKS : (TICKS + 9) / 10);
	for (int i = 0; i < LOOPS; i++)
		while (__atomic_load_n(&turns[i], __ATOMIC_RELAXED) < 3)
			garn_sleep(GARN_MS(1));
	SET(over, 1);
	garn_waitgroup_wait(&wg);
	CHECK(GET(children) > 0);
	return 0;
}
