// Goroutines that compute for random short times, block in plain calls, pass values, start others, tie themselves to their threads and
// change the number of processors, for as long as asked. Each value sent comes out once, each goroutine started has
// ended, errno and the thread are kept where nobody parks, and nobody is left over.
#include "t_retake.h"

enum { WORKERS = 10, PROCS = 4 };

static int64_t finish;
static uint64_t sent, received, started, ended; // A: sums
static garn_waitgroup wg;
static pthread_mutex_t pm = PTHREAD_MUTEX_INITIALIZER;
static uint64_t locked, counted; // under pm; A
static chan(uint64_t) values;

// No goroutine may be moved by what is in here.
static void blocks(struct t_rng *r)
{
	switch (t_below(r, 4)) {
	case 0: usleep((useconds_t)t_below(r, 300)); break;
	case 1: free(malloc(t_below(r, 100000))); break;
	case 2: sched_yield(); break;
	case 3:
		CHECK_EQ(pthread_mutex_lock(&pm), 0);
		locked++;
		if (t_below(r, 4) == 0)
			usleep(50);
		CHECK_EQ(pthread_mutex_unlock(&pm), 0);
		ADD(counted, 1);
		break;
	}
}

static void stays(struct t_rng *r)
{
	int tid = t_tid(), err = (int)t_below(r, 100), v;
	chan(int) none = chan_make(int, 0);
	errno = err;
	for (uint64_t n = t_below(r, 20); n > 0; n--) {
		CHECK(!chan_try_recv(none, &v));
		CHECK_EQ(errno, err);
		if (t_below(r, 8) == 0)
			t_spin((int64_t)t_below(r, 20000));
	}
	CHECK_EQ(t_tid(), tid);
	chan_unref(none);
}

static void child(uint64_t seed)
{
	struct t_rng r = t_rng(seed, 0);
	if (t_below(&r, 2))
		blocks(&r);
	stays(&r);
	if (t_below(&r, 8) == 0)
		garn_lock_os_thread(); // to its end
	if (t_below(&r, 2))
		garn_yield();
	ADD(ended, 1);
	garn_waitgroup_done(&wg);
}

static void receiver(void)
{
	uint64_t v;
	while (chan_recv_ok(values, &v))
		ADD(received, v);
	garn_waitgroup_done(&wg);
}

static void act(struct t_rng *r)
{
	uint64_t v = t_below(r, 1000);
	switch (t_below(r, 10)) {
	case 0: t_spin((int64_t)t_below(r, 300000)); break;
	case 1: blocks(r); break;
	case 2: stays(r); break;
	case 3: garn_yield(); break;
	case 4: garn_sleep(GARN_US(t_below(r, 300))); break;
	case 5:
		ADD(started, 1);
		garn_waitgroup_add(&wg, 1);
		go(child, t_rand(r));
		break;
	case 6:
		if (t_below(r, 8) == 0)
			garn_gomaxprocs(1 + (int)t_below(r, PROCS));
		break;
	default:
		ADD(sent, v);
		chan_send(values, v);
	}
}

static void worker(int id, garn_waitgroup *all)
{
	struct t_rng r = t_rng(t_seed(), (uint64_t)id);
	while (t_now() < finish) {
		bool tied = t_below(&r, 16) == 0;
		if (tied)
			garn_lock_os_thread();
		for (uint64_t n = t_below(&r, 8); n > 0; n--)
			act(&r);
		if (tied)
			garn_unlock_os_thread();
	}
	garn_waitgroup_done(all);
}

int main(void)
{
	garn_waitgroup all = { 0 };
	int procs = garn_gomaxprocs(0);
	t_seed();
	finish = t_now() + t_stress_time();
	values = chan_make(uint64_t, 3);
	garn_waitgroup_add(&wg, 2);
	go(receiver);
	go(receiver);
	garn_waitgroup_add(&all, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		go(worker, i, &all);
	garn_waitgroup_wait(&all);
	chan_close(values);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(sent, received);
	CHECK_EQ(started, ended);
	CHECK_EQ(locked, counted);
	garn_gomaxprocs(procs);
	for (int i = 0; garn_num_goroutines() != 1; i++)
		t_rest(i);
	chan_unref(values);
	printf("%llu goroutines\n", (unsigned long long)started);
	return 0;
}
