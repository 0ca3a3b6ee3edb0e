// garn_run inside a program with a main of its own: what it returns and passes on, on whose thread things run, what other
// threads may do before, meanwhile and after, and that the thread that called it is as it was.
// EMBED
// LIB: a so
// LIBS: -lm
#define _GNU_SOURCE 1
#include "test.h"

#include <errno.h>
#include <fenv.h>
#include <garn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

static int tid(void)
{
	return (int)syscall(SYS_gettid);
}

enum { FOREVER = 10 };
static chan(int) before, never;
static int maintid, left, handled;
static char **mainargv;

static void forever(void)
{
	for (;;) {
		garn_sleep(GARN_US(100));
		__atomic_fetch_add(&left, 1, __ATOMIC_RELAXED);
	}
}

static void waits(void)
{
	chan_recv(never);
	__atomic_fetch_add(&left, 1000000, __ATOMIC_RELAXED);
}

static void deferred(chan(int) c)
{
	chan_send(c, 42);
}

static void *thread(void *arg)
{
	// While fn runs, a thread of the program's own is served as any.
	chan(int) c = arg;
	chan_send(before, chan_recv(c) + 1);
	return NULL;
}

static int fn(int argc, char **argv)
{
	pthread_t t;
	CHECK_EQ(argc, 3);
	CHECK(argv == mainargv);
	CHECK_EQ(garn_goid(), 1);
	CHECK_EQ(garn_num_goroutines(), 1);
	CHECK(tid() != maintid);

	CHECK_EQ(chan_recv(before), 5); // made and filled before there was a runtime
	chan(int) c = chan_make(int, 0);
	go(deferred, c);
	CHECK_EQ(chan_recv(c), 42);
	CHECK_EQ(pthread_create(&t, NULL, thread, (void *)c), 0);
	chan_send(c, 6);
	CHECK_EQ(chan_recv(before), 7);
	pthread_join(t, NULL);
	chan_unref(c);
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	CHECK((size_t)((char *)hi - (char *)lo) >= GARN_MB(8));
	for (int i = 0; i < FOREVER; i++) {
		go(forever);
		go(waits);
	}
	garn_sleep(GARN_MS(2));
	errno = 99; // on another thread than the caller's
	fesetround(FE_UPWARD);
	return 12345;
}

static void handler(void)
{
	handled = 1;
}

int main(int argc, char **argv)
{
	char *args[] = { argv[0], argv[0], argv[0], NULL };
	sigset_t mask, now;
	maintid = tid();
	mainargv = args;
	(void)argc;

	// Before: channels can be made and filled as far as nobody has to wait, time be told.
	before = chan_make(int, 1);
	never = chan_make(int, 0);
	CHECK(chan_try_send(before, 5));
	CHECK_EQ(chan_len(before), 1);
	CHECK(garn_now() > 0);
	CHECK_EQ(garn_goid(), 0);
	atexit(handler);

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	errno = 11;
	CHECK_EQ(garn_run(fn, 3, args), 12345);
	CHECK_EQ(tid(), maintid);
	CHECK_EQ(fegetround(), FE_TONEAREST);
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	CHECK(sigismember(&now, SIGUSR2) && !sigismember(&now, SIGUSR1));

	// After: the rest never runs again. Who was at it comes to his next sleep, so each counts once more at most.
	int n = __atomic_load_n(&left, __ATOMIC_ACQUIRE);
	CHECK(n < 1000000);
	usleep(50000);
	CHECK(__atomic_load_n(&left, __ATOMIC_ACQUIRE) - n <= FOREVER);
	CHECK(chan_try_send(before, 3));
	CHECK_EQ(chan_len(before), 1);
	int v = 0;
	CHECK(chan_try_recv(before, &v) && v == 3);
	CHECK_EQ(garn_goid(), 0);
	chan_unref(before);
	CHECK_EQ(handled, 0);
	return 0;
}
