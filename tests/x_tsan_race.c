// A data race between two goroutines is found, and only that: what channels, locks and the order of start and end put in order is no
// race. Both racers are there from before to after; x_tsan_after has the other case.
// SAN: no-address no-undefined no-hard (it is TSan that finds it)
// STATUS: 66
// EXPECT: WARNING: ThreadSanitizer: data race
// EXPECT: racer
// EXPECT: global 'unguarded'
// EXPECT: ThreadSanitizer: reported 1 warnings
// REJECT: global 'guarded'
// REJECT: global 'handed'
// REJECT: global 'started'
#include "t_sync.h"

static int unguarded, guarded, handed, started;
static garn_mutex mu;
static garn_waitgroup wg;

static void orderly(chan(int) baton)
{
	CHECK_EQ(started, 1); // written before go
	for (int i = 0; i < 100; i++) {
		garn_mutex_lock(&mu);
		guarded++;
		garn_mutex_unlock(&mu);
		chan_recv(baton);
		handed++;
		chan_send(baton, 1);
		if (i % 8 == 0)
			garn_yield();
	}
	garn_waitgroup_done(&wg);
}

// One after the other, though nothing orders them that TSan would count: of two accesses in the very same nanosecond it may miss the race.
__attribute__((noinline)) static void racer(chan(int) start, int n)
{
	static int turn;
	chan_recv(start);
	while (__atomic_load_n(&turn, __ATOMIC_RELAXED) != n)
		garn_yield();
	unguarded++;
	__atomic_store_n(&turn, n + 1, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

int main(void)
{
#if !defined(__SANITIZE_THREAD__)
#if !defined(__has_feature)
	SKIP("TSan finds it");
#elif !__has_feature(thread_sanitizer)
	SKIP("TSan finds it");
#endif
#endif
	chan(int) baton = chan_make(int, 1), start = chan_make(int, 0);
	started = 1;
	garn_waitgroup_add(&wg, 4);
	for (int i = 0; i < 4; i++)
		go(orderly, baton);
	chan_send(baton, 1);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(guarded, 400);
	CHECK_EQ(handed, 400);

	garn_waitgroup_add(&wg, 2);
	go(racer, start, 0);
	go(racer, start, 1);
	while (garn_num_goroutines() < 3)
		garn_yield();
	garn_sleep(GARN_MS(5)); // both wait
	chan_close(start);
	garn_waitgroup_wait(&wg);
	return 0;
}
