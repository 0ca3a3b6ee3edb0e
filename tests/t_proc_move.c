// A goroutine that went on on another thread is itself there, too: its number, errno (the value it had, and the place where the
// next call puts it), the thread it asks for. The move is made certain: somebody else ties himself to the old thread.
// FLAGS: -O2
// FLAGS: -O3 -fPIC
// FLAGS: -O0
// FLAGS: -O3 -fno-pie -no-pie
// LIB: a so
// EMBED
#define _GNU_SOURCE 1
#include "test.h"

#include <fcntl.h>
#include <garn.h>
#include <pthread.h>
#include <sys/syscall.h>

static int moves;

static int tid(void)
{
	return (int)syscall(SYS_gettid);
}

// Tied to the thread it finds itself on: it wakes the other, which must go on elsewhere, and keeps the thread until
// told to let go.
static void squatter(chan(int) at, chan(int) wake, chan(int) leave)
{
	garn_lock_os_thread();
	chan_send(at, tid());
	chan_send(wake, 1);
	chan_recv(leave);
	garn_unlock_os_thread();
	chan_send(at, 0);
}

// How the mover waits; the value it gets must have been put there by the squatter.
static void await(chan(int) wake, int how)
{
	int v = 0;
	bool ok = false;
	switch (how) {
	case 0: v = chan_recv(wake); break;
	case 1: chan_recv_ok(wake, &v); break;
	case 2: CHECK_EQ(chan_select(on_recv(wake, &v, &ok)), 0); break;
	case 3: CHECK_EQ(chan_select(on_recv(wake, &v, &ok), on_timeout(GARN_S(100))), 0); break;
	}
	CHECK_EQ(v, 1);
}

__attribute__((noinline)) static void mover(chan(int) done, int how)
{
	chan(int) at = chan_make(int, 1), wake = chan_make(int, 0), leave = chan_make(int, 0);
	uint64_t me = garn_goid();
	for (int i = 0; i < 10; i++) {
		int before = tid();
		go(squatter, at, wake, leave);
		errno = 1000 + i;
		uint64_t a = garn_goid();
		await(wake, how);
		int e = errno;
		uint64_t b = garn_goid();
		int after = tid();
		CHECK_EQ(a, me);
		CHECK_EQ(b, me);
		CHECK_EQ(e, 1000 + i);
		int theirs = chan_recv(at);
		if (theirs == before)
			CHECK(after != before);
		CHECK(after != theirs);
		if (after != before)
			__atomic_fetch_add(&moves, 1, __ATOMIC_RELAXED);
		// The place is this thread's: a call that fails is seen.
		CHECK_EQ(close(-1), -1);
		CHECK_EQ(errno, EBADF);
		errno = 0;
		CHECK_EQ(open("/nowhere/at/all", O_RDONLY), -1);
		CHECK_EQ(errno, ENOENT);
		errno = 77;
		chan_send(leave, 1);
		CHECK_EQ(errno, 77);
		chan_recv(at);
		CHECK_EQ(errno, 77);
		garn_yield();
		CHECK_EQ(errno, 77);
		garn_sleep(GARN_US(1));
		CHECK_EQ(errno, 77);
		CHECK_EQ(garn_goid(), me);
	}
	chan_unref(at);
	chan_unref(wake);
	chan_unref(leave);
	chan_send(done, 1);
}

// Many at once: each writes its own into errno and looks again after each wait, wherever it is.
static void keeper(chan(int) done, int id)
{
	uint64_t me = garn_goid();
	garn_mutex mu = { 0 };
	for (int i = 0; i < T_SCALED(100); i++) {
		errno = 1000 * id + i;
		switch (i % 4) {
		case 0: garn_yield(); break;
		case 1: garn_sleep(GARN_US(id % 5)); break;
		case 2: chan_select(on_timeout(GARN_US(1))); break;
		case 3:
			garn_mutex_lock(&mu);
			garn_mutex_unlock(&mu);
			break;
		}
		CHECK_EQ(errno, 1000 * id + i);
		CHECK_EQ(garn_goid(), me);
	}
	chan_send(done, 1);
}

static int all(int argc, char **argv)
{
	chan(int) done = chan_make(int, 0);
	(void)argv;
	for (int how = 0; how < 4; how++) {
		go(mover, done, how);
		chan_recv(done);
	}
	for (int how = 0; how < 8; how++)
		go(mover, done, how % 4);
	for (int i = 0; i < 8; i++)
		chan_recv(done);
	for (int i = 1; i <= 50; i++)
		go(keeper, done, i);
	for (int i = 1; i <= 50; i++)
		chan_recv(done);
	chan_unref(done);
	return argc;
}

int main(int argc, char **argv)
{
	CHECK_EQ(garn_run(all, argc, argv), argc);
	CHECK(moves > 0);
	return 0;
}
