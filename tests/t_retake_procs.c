// Hogs, while the number of processors changes; hogs tied to their threads; timers that lie on a processor that is no longer
// there, with all others held. In the end every hog has counted, and is gone.
#include "t_retake.h"

enum { HOGS = 6, ROUNDS = T_SCALED(40) };
static garn_waitgroup wg;
static uint64_t turns;

static void hog(int id)
{
	int tid = 0;
	if (id % 2) {
		garn_lock_os_thread();
		tid = t_tid();
	}
	for (int i = 0; i < 5; i++) {
		t_spin(id % 3 * 5000000);
		if (id % 4 == 0)
			usleep(1000);
		garn_yield();
		CHECK(!tid || tid == t_tid());
	}
	if (id % 2 && id % 3)
		garn_unlock_os_thread();
	ADD(turns, 1);
	garn_waitgroup_done(&wg);
}

static void naps(void)
{
	garn_sleep(GARN_MS(5));
	garn_waitgroup_done(&wg);
}

static void forever(void)
{
	while (!GET(over))
		;
	garn_waitgroup_done(&wg);
}

// Each of 8 processors gets timers; then one is left, and a hog has it.
static void orphans(void)
{
	SET(over, 0);
	garn_gomaxprocs(8);
	garn_waitgroup_add(&wg, 64);
	for (int i = 0; i < 64; i++)
		go(naps);
	for (int i = 0; i < 64; i++)
		garn_yield();
	garn_gomaxprocs(1);
	garn_waitgroup_add(&wg, 2);
	go(forever);
	go(forever);
	garn_sleep(GARN_MS(20)); // two hogs, one processor: they are retaken, or this never ends
	SET(over, 1);
}

// One timer, most likely on the second of two processors, which then goes; main holds the first and wants nothing.
static void orphan(void)
{
	garn_waitgroup_add(&wg, 1);
	SET(over, 1); // ends the ticker
	garn_gomaxprocs(2);
	go(naps);
	t_moment(2000000);
	garn_gomaxprocs(1);
	garn_yield();
	while (garn_num_goroutines() > 1)
		;
}

int main(void)
{
	int procs = garn_gomaxprocs(0);
	go(t_ticking);
	garn_waitgroup_add(&wg, HOGS * ROUNDS);
	for (int i = 0; i < ROUNDS; i++) {
		for (int k = 0; k < HOGS; k++)
			go(hog, k);
		garn_gomaxprocs(1 + i % 5);
		t_ticks(2);
	}
	garn_gomaxprocs(1);
	t_ticks(5);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(GET(turns), HOGS * ROUNDS);
	orphans();
	garn_waitgroup_wait(&wg);
	for (int i = 0; i < 20; i++)
		orphan();
	garn_gomaxprocs(procs);
	return 0;
}
