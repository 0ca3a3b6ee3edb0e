// A goroutine that is tied to its thread: it runs there and nowhere else, and nobody else runs there; ties nest; one that
// ends tied takes its thread with it, but for the process's first thread.
#define _GNU_SOURCE 1
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <garn.h>
#include <pthread.h>
#include <sys/syscall.h>

static garn_waitgroup wg;

static int tid(void)
{
	return (int)syscall(SYS_gettid);
}

// Whose the thread is: set by tied goroutines on their own, looked at by all others.
static __thread uint64_t owner;
__attribute__((noinline)) static uint64_t *myowner(void)
{
	__asm__ volatile("" ::: "memory");
	return &owner;
}

static void stranger(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		CHECK_EQ(*myowner(), 0);
		garn_yield();
	}
	CHECK_EQ(*myowner(), 0);
	garn_waitgroup_done(&wg);
}

static void echo(chan(int) in, chan(int) out)
{
	int v;
	while (chan_recv_ok(in, &v)) {
		CHECK_EQ(*myowner(), 0);
		chan_send(out, v);
	}
	chan_unref(in);
	chan_unref(out);
	garn_waitgroup_done(&wg);
}

// Every way to wait, and back on the same thread.
static void tied(int rounds)
{
	chan(int) a = chan_make(int, 0), b = chan_make(int, 0);
	garn_mutex mu = { 0 };
	garn_lock_os_thread();
	int me = tid();
	CHECK_EQ(*myowner(), 0);
	*myowner() = garn_goid();
	garn_waitgroup_add(&wg, 1);
	go(echo, chan_ref(a), chan_ref(b));
	for (int i = 0; i < rounds; i++) {
		switch (i % 6) {
		case 0: garn_yield(); break;
		case 1: garn_sleep(GARN_US(20)); break;
		case 2:
			chan_send(a, i);
			CHECK_EQ(chan_recv(b), i);
			break;
		case 3: CHECK_EQ(chan_select(on_recv(b, NULL), on_timeout(GARN_US(10))), 1); break;
		case 4:
			garn_mutex_lock(&mu);
			garn_yield();
			garn_mutex_unlock(&mu);
			break;
		case 5:
			garn_waitgroup_add(&wg, 1);
			go(stranger, 3);
		}
		CHECK_EQ(tid(), me);
		CHECK_EQ(*myowner(), garn_goid());
	}
	chan_close(a);
	*myowner() = 0;
	garn_unlock_os_thread();
	chan_unref(a);
	chan_unref(b);
	garn_waitgroup_done(&wg);
}

static void alone(void)
{
	int n = T_SCALED(20);
	garn_waitgroup_add(&wg, 2 * n);
	for (int i = 0; i < n; i++) {
		go(tied, 30);
		go(stranger, 50);
	}
	garn_waitgroup_wait(&wg);
}

static bool istied(void)
{
	// Is it? Then others run elsewhere, though this one waits.
	int me = tid();
	*myowner() = garn_goid();
	garn_waitgroup_add(&wg, 20);
	for (int i = 0; i < 20; i++)
		go(stranger, 2);
	for (int i = 0; i < 20; i++)
		garn_yield();
	garn_sleep(GARN_US(100));
	CHECK_EQ(tid(), me);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(tid(), me);
	*myowner() = 0;
	return true;
}

static void lockandunlock(void *arg)
{
	if (arg == NULL)
		garn_on_thread_stack(lockandunlock, &wg);
	garn_lock_os_thread();
	garn_unlock_os_thread();
}

static void nesting(void)
{
	garn_on_thread_stack(lockandunlock, NULL);
	garn_unlock_os_thread(); // of one that is not tied: nothing
	garn_lock_os_thread();
	garn_lock_os_thread();
	CHECK(istied());
	garn_unlock_os_thread();
	CHECK(istied());
	garn_on_thread_stack(lockandunlock, NULL); // the same goroutine, on another stack
	CHECK(istied());
	garn_lock_os_thread();
	garn_unlock_os_thread();
	CHECK(istied());
	garn_unlock_os_thread();
	garn_unlock_os_thread();
	garn_lock_os_thread();
	CHECK(istied());
	garn_unlock_os_thread();
}

// ---- the end of a tied goroutine ----

static bool exists(int t)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/task/%d", t);
	return access(path, F_OK) == 0;
}

static void ends(chan(int) tell, chan(int) wait, int how)
{
	garn_lock_os_thread();
	if (how == 1)
		garn_lock_os_thread();
	chan_send(tell, tid());
	chan_recv(wait);
	chan_unref(wait);
	if (how == 2)
		garn_goexit();
}

static void yes(chan(int) tell)
{
	chan_send(tell, tid());
}

static void threadsgo(void)
{
	enum { N = 10 };
	chan(int) tell = chan_make(int, 0), wait = chan_make(int, 0);
	int t[N];
	for (int i = 0; i < N; i++)
		go(ends, tell, chan_ref(wait), i % 3);
	for (int i = 0; i < N; i++) {
		t[i] = chan_recv(tell);
		for (int j = 0; j < i; j++)
			CHECK(t[i] != t[j]);
	}
	chan_close(wait);
	for (int i = 0; i < N; i++)
		while (t[i] != getpid() && exists(t[i]))
			garn_sleep(GARN_US(200));
	// And the rest is as before: goroutines run, threads are made.
	garn_waitgroup_add(&wg, 1);
	go(tied, 20);
	garn_waitgroup_wait(&wg);
	chan_unref(tell);
	chan_unref(wait);
}

// One that got the process's first thread, and ends tied to it: the thread stays, or the process would be a zombie.
static void firstthread(void)
{
	chan(int) tell = chan_make(int, 0), wait = chan_make(int, 0);
	bool got = false;
	for (int i = 0; i < 1000 && !got; i++) {
		go(yes, tell);
		got = chan_recv(tell) == getpid();
		if (got) {
			go(ends, tell, chan_ref(wait), 0);
			got = chan_recv(tell) == getpid();
			chan_send(wait, 1);
		} else {
			garn_sleep(GARN_US(100));
		}
	}
	for (int i = 0; i < 20; i++) {
		garn_sleep(GARN_US(100));
		CHECK(exists(getpid()));
		go(yes, tell);
		CHECK(!got || chan_recv(tell) != getpid());
		if (!got)
			chan_recv(tell);
	}
	chan_unref(tell);
	chan_unref(wait);
}

int main(void)
{
	for (int i = 0; i < 5; i++) {
		alone();
		nesting();
		threadsgo();
	}
	garn_lock_os_thread(); // main's own tie is as any
	nesting();
	garn_waitgroup_add(&wg, 1);
	tied(20);
	garn_unlock_os_thread();
	firstthread();
	return 0;
}
