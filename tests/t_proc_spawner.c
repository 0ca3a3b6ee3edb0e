// Goroutines that start others without end: the others get their turn before memory fills up, and whoever waits meanwhile
// waits on its own thread, with what it holds there.
#include "test.h"

#include <garn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/syscall.h>

static garn_waitgroup wg;
static uint32_t done;

static void child(void)
{
	__atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

// Starts n without a park; the most that were waiting at once.
static uint32_t flood(uint32_t n)
{
	uint32_t most = 0;
	for (uint32_t i = 1; i <= n; i++) {
		go(child);
		uint32_t ran = __atomic_load_n(&done, __ATOMIC_RELAXED);
		if (ran < i && i - ran > most)
			most = i - ran;
	}
	return most;
}

static void alone(void)
{
	const int n = T_SCALED(350000);
	pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
	static __thread int mine;
	long tid = syscall(SYS_gettid);
	mine = 4711;
	errno = 77;
	pthread_mutex_lock(&own);
	garn_waitgroup_add(&wg, n);
	uint32_t most = flood((uint32_t)n);
	CHECK(errno == 77);
	CHECK(syscall(SYS_gettid) == tid);
	CHECK(mine == 4711);
	CHECK_EQ(pthread_mutex_unlock(&own), 0);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(done, n);
	if (most >= 20000)
		printf("%u goroutines waited at once\n", most);
	CHECK(most < 20000);
}

static void spawner(int n)
{
	for (int i = 0; i < n; i++)
		go(child);
	garn_waitgroup_done(&wg);
}

// More spawners than the threads they may keep.
static void many(void)
{
	enum { SPAWNERS = T_SCALED(300) };
	const int each = 2500; // some fills of the ring
	done = 0;
	garn_waitgroup_add(&wg, SPAWNERS * (each + 1));
	for (int i = 0; i < SPAWNERS; i++)
		go(spawner, each);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(done, SPAWNERS * each);
}

int main(void)
{
	alone();
	many();
	return 0;
}
