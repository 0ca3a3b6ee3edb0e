// A data race of goroutines that ran one after the other is found, on one P as well: the second knows nothing of the first, though it
// has its thread, may have its stack, and the scheduler knew both. What a waitgroup or a channel orders is no race, nor is the reuse of stacks.
// SAN: no-address no-undefined no-hard (it is TSan that finds it)
// FLAGS: -DWHEN=0
// FLAGS: -DWHEN=1
// FLAGS: -DWHEN=2
// FLAGS: -DWHEN=3
// STATUS: 66
// EXPECT: WARNING: ThreadSanitizer: data race
// EXPECT: racer
// EXPECT: global 'unguarded'
// EXPECT: ThreadSanitizer: reported 1 warnings
// REJECT: global 'guarded'
// REJECT: global 'filled'
// REJECT: global 'handed'
#include "t_sync.h"

static int unguarded, guarded, filled, handed;
static garn_waitgroup wg;
static garn_mutex mu;

static void closer(chan(int) c)
{
	chan_close(c);
}

// What a racer does before: 0 nothing; 1 wait for a waitgroup, 2 for a timer, 3 in a select, all of its own.
__attribute__((noinline)) static void waitalone(void)
{
	chan(int) c = chan_make(int, 0), d = chan_make(int, 0);
	garn_waitgroup own = { 0 };
	int v;
	switch (WHEN) {
	case 0: break;
	case 1:
		garn_waitgroup_add(&own, 1);
		go(garn_waitgroup_done, &own);
		garn_waitgroup_wait(&own);
		break;
	case 2: garn_sleep(GARN_MS(1)); break;
	case 3:
		go(closer, c);
		chan_select(on_recv(c, &v), on_recv(d, &v));
		break;
	}
	chan_unref(c);
	chan_unref(d);
}

__attribute__((noinline)) static void racer(void)
{
	waitalone();
	garn_mutex_lock(&mu);
	guarded++;
	garn_mutex_unlock(&mu);
	unguarded++;
}

// Fills its stack, as the next one will.
__attribute__((noinline)) static void filler(chan(int) baton)
{
	volatile char fill[2000];
	for (size_t i = 0; i < sizeof fill; i++)
		fill[i] = 1;
	filled++;
	garn_waitgroup_done(&wg);
	if (baton) {
		handed++;
		chan_send(baton, 1);
	}
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
	for (int i = 0; i < 2000; i++) { // more than are kept from reuse
		garn_waitgroup_add(&wg, 1);
		go(filler, (chan(int))NULL);
		garn_waitgroup_wait(&wg);
	}
	chan(int) baton = chan_make(int, 1);
	garn_waitgroup_add(&wg, 1);
	go(filler, baton);
	chan_recv(baton);
	handed++;
	garn_waitgroup_wait(&wg);

	for (int i = 0; i < 2; i++) {
		go(racer);
		while (garn_num_goroutines() > 1)
			garn_yield(); // which orders nothing
	}
	CHECK_EQ(filled, 2001);
	return 0;
}
