// What the tests of channels, select and locks share: plain atomic counters, workers that are goroutines or
// threads, and a way to know that all others wait.
#ifndef T_SYNC_H
#define T_SYNC_H

#include "garn.h"
#include "test.h"
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#define GET(x) __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define SET(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELEASE)
#define ADD(x, n) __atomic_add_fetch(&(x), (n), __ATOMIC_ACQ_REL)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define T_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define T_SANITIZED 1
#endif
#endif
#ifndef T_SANITIZED
#define T_SANITIZED 0
#endif

// Let the others get on: goroutines of this P, and, every few times, other threads.
__attribute__((unused)) static void t_rest(int i)
{
	garn_yield();
	if (i % 8 == 7)
		sched_yield();
	if (i % 64 == 63)
		garn_sleep(GARN_US(50));
}

__attribute__((unused)) static void t_await(uint32_t *x, uint32_t least)
{
	for (int i = 0; GET(*x) < least; i++)
		t_rest(i);
}

// A race in many rounds: one side sets the scene for round i and says so, the other looks. It ends after n rounds, or
// after some seconds: on a machine that is busy with other things a round may take as long as a thousand.
struct t_race {
	uint32_t round, looked; // A
	int64_t began;
};
enum { T_RACE_OVER = UINT32_MAX };

// The looker's: wait for round i; false when there is none.
__attribute__((unused)) static bool t_race_round(struct t_race *r, uint32_t i)
{
	uint32_t now;
	for (int j = 0; (now = GET(r->round)) != i && now != T_RACE_OVER; j++)
		t_rest(j);
	return now == i;
}

// The other's: is there to be a round i of n? If not, the looker is told.
__attribute__((unused)) static bool t_race_on(struct t_race *r, uint32_t i, uint32_t n)
{
	if (r->began == 0)
		r->began = t_now();
	if (i <= n && t_now() - r->began < GARN_MS(3000))
		return true;
	SET(r->round, T_RACE_OVER);
	return false;
}

// A short moment, of no particular length.
__attribute__((unused)) static void t_moment(uint32_t n)
{
	while (n-- > 0)
		__asm__ volatile("");
}

// Does every other thread of the process sleep in the kernel?
__attribute__((unused)) static bool t_all_asleep(void)
{
	long me = syscall(SYS_gettid);
	DIR *d = opendir("/proc/self/task");
	bool asleep = true;
	CHECK(d != NULL);
	for (struct dirent *e; asleep && (e = readdir(d)) != NULL;) {
		char path[300], stat[512];
		if (e->d_name[0] == '.' || atol(e->d_name) == me)
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%s/stat", e->d_name);
		FILE *f = fopen(path, "r");
		if (f == NULL)
			continue; // has ended
		size_t n = fread(stat, 1, sizeof stat - 1, f);
		stat[n] = '\0';
		fclose(f);
		char *name = strrchr(stat, ')');
		asleep = name == NULL || name[2] == 'S';
	}
	closedir(d);
	return asleep;
}

// Return when all others wait (polling, as t_await does, is no waiting). A goroutine or thread that was seen to run (by a counter it has set) sits on its
// thread until it waits; so when every thread sleeps, it does wait. However slow the machine is.
__attribute__((unused)) static void t_settle(void)
{
	for (int calm = 0; calm < 4;) {
		garn_sleep(GARN_US(1)); // a yield alone leaves most of a long queue where it is
		for (int i = 0; i < 8; i++)
			garn_yield();
		usleep(20);
		calm = t_all_asleep() ? calm + 1 : 0;
	}
}

// A worker: fn(arg) in a goroutine or in a thread of its own.
struct t_worker {
	void (*fn)(void *);
	void *arg;
	bool isthread;
	pthread_t thread;
	uint32_t ended;
};

__attribute__((unused)) static void t_work(struct t_worker *w)
{
	w->fn(w->arg);
	SET(w->ended, 1);
}

__attribute__((unused)) static void *t_work_thread(void *arg)
{
	t_work(arg);
	return NULL;
}

__attribute__((unused)) static void t_start(struct t_worker *w, bool thread, void (*fn)(void *), void *arg)
{
	w->fn = fn;
	w->arg = arg;
	w->isthread = thread;
	w->ended = 0;
	if (thread)
		CHECK_EQ(pthread_create(&w->thread, NULL, t_work_thread, w), 0);
	else
		go(t_work, w);
}

// Wait for its end without blocking this thread, on which it may depend.
__attribute__((unused)) static void t_join(struct t_worker *w)
{
	t_await(&w->ended, 1);
	if (w->isthread)
		CHECK_EQ(pthread_join(w->thread, NULL), 0);
}

#endif
