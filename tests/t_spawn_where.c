// Where go may be said: on any thread while the runtime is up, by main until the process ends, by handlers of atexit; and what
// go_with says of the goroutine: its stack and its name.
// FLAGS: -O2
// FLAGS: -O0
#include "test.h"

#include <garn.h>
#include <pthread.h>

static garn_waitgroup wg;
static int ran;

static void count(int *n, long by)
{
	__atomic_fetch_add(n, (int)by, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

// ---- a thread that runs no goroutine ----

struct many {
	long v[20];
};
static void manys(struct many m, double d, int *n)
{
	CHECK(m.v[0] == 1 && m.v[19] == 2 && d == 2.5);
	count(n, 1);
}

static void *thread(void *arg)
{
	struct many m = { { 1, [19] = 2 } };
	int *n = arg;
	CHECK_EQ(garn_goid(), 0);
	for (int i = 0; i < 50; i++) {
		go(count, n, 1);
		go_with(garn_attr(.name = "from a thread", .stack = GARN_KB(128)), manys, m, 2.5, n);
	}
	CHECK_EQ(garn_goid(), 0);
	return NULL;
}

static void threads(void)
{
	pthread_t t[4];
	int n = 0;
	garn_waitgroup_add(&wg, 4 * 100);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, thread, &n), 0);
	garn_waitgroup_wait(&wg);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(n, 400);
}

// ---- odd places on goroutines ----

static void onstack(void *arg)
{
	int *n = arg;
	go(count, n, 1); // on the thread's own stack
}

static void timerfn(void *arg)
{
	go(count, (int *)arg, 1);
}

static int compare(const void *a, const void *b)
{
	garn_waitgroup_add(&wg, 1);
	go(count, &ran, 1); // from a callback of libc's
	return *(const int *)a - *(const int *)b;
}

static void deeper(int *n, int depth)
{
	volatile char pad[200];
	pad[0] = (char)depth;
	if (depth > 0)
		deeper(n, depth - 1);
	else
		go(count, n, 1);
	pad[1] = pad[0];
}

static void tree(int *n, int depth)
{
	if (depth > 0) {
		garn_waitgroup_add(&wg, 2);
		go(tree, n, depth - 1);
		go(tree, n, depth - 1);
	}
	count(n, 1);
}

static void places(void)
{
	int n = 0, v[2] = { 2, 1 };
	garn_timer t = { 0 };
	garn_waitgroup_add(&wg, 4);
	garn_on_thread_stack(onstack, &n);
	garn_timer_start(&t, GARN_US(100), timerfn, &n);
	qsort(v, 2, sizeof(*v), compare);
	deeper(&n, 100);
	garn_lock_os_thread();
	go(count, &n, 1);
	garn_unlock_os_thread();
	garn_waitgroup_wait(&wg);
	CHECK_EQ(n, 4);
	garn_waitgroup_add(&wg, 1);
	n = 0;
	go(tree, &n, 8);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(n, 511);
}

// ---- attributes ----

static void uses(size_t bytes, size_t limit)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	CHECK((size_t)((char *)hi - (char *)lo) >= limit);
	CHECK((char *)__builtin_frame_address(0) > (char *)lo && (char *)__builtin_frame_address(0) < (char *)hi);
	volatile char *room = __builtin_alloca(bytes);
	CHECK((char *)room > (char *)lo);
	for (size_t i = bytes; i > 0; i -= i > 4096 ? 4096 : i)
		room[i - 1] = 1;
	garn_yield();
	CHECK_EQ(room[bytes - 1], 1);
	garn_waitgroup_done(&wg);
}

static void attributes(void)
{
	for (int i = 0; i < 5; i++) {
		garn_waitgroup_add(&wg, 7);
		go(uses, GARN_KB(160), GARN_KB(192));
		go_with(garn_attr(.stack = GARN_KB(16)), uses, GARN_KB(4), GARN_KB(16));
		go_with(garn_attr(.stack = GARN_KB(64)), uses, GARN_KB(48), GARN_KB(64));
		go_with(garn_attr(.stack = GARN_KB(193)), uses, GARN_KB(170), GARN_KB(193));
		go_with(garn_attr(.stack = GARN_MB(1)), uses, GARN_KB(1000), GARN_MB(1));
		go_with(garn_attr(.stack = GARN_MB(8), .name = "eight"), uses, GARN_KB(8000), GARN_MB(8));
		go_with(garn_attr(.stack = GARN_MB(300)), uses, GARN_MB(100), GARN_MB(300));
		garn_waitgroup_wait(&wg);
	}
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi); // main's
	CHECK((size_t)((char *)hi - (char *)lo) >= GARN_MB(8));
}

// ---- the end ----

static chan(int) last;

static void answer(int n)
{
	chan_send(last, n);
}

// The runtime is still up: goroutines run, channels wait.
static void atend(void)
{
	for (int i = 0; i < 100; i++) {
		go(answer, i);
		CHECK_EQ(chan_recv(last), i);
	}
	garn_sleep(GARN_US(100));
	chan_unref(last);
	CHECK_EQ(garn_goid(), 1);
	ran = -1;
}

static void first(void)
{
	CHECK_EQ(ran, -1);
}

static void never(void)
{
	garn_sleep(GARN_S(1000));
}

int main(void)
{
	last = chan_make(int, 0);
	threads();
	places();
	attributes();
	atexit(first);
	atexit(atend);
	for (int i = 0; i < 10; i++)
		go(never); // and nobody waits for them
	return 0;
}
