// A signal that is listened for may come at any time: all goroutines waiting is no deadlock. Nor does a plain thread see an EINTR
// for it in a call that can be restarted.
#include "test.h"

#include <garn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

static int fds[2];
static uint32_t reading;

static void in(int ms)
{
	struct itimerval t = { .it_value = { 0, ms * 1000 } };
	CHECK_EQ(setitimer(ITIMER_REAL, &t, NULL), 0);
}

static void waits(chan(int) c, chan(int) back)
{
	chan_send(back, chan_recv(c));
}

static void *reads(void *arg)
{
	char b = 0;
	(void)arg;
	__atomic_store_n(&reading, 1, __ATOMIC_RELEASE);
	CHECK_EQ(read(fds[0], &b, 1), 1);
	CHECK_EQ(b, 'x');
	return NULL;
}

int main(void)
{
	chan(int) c = garn_notify(SIGALRM), back = chan_make(int, 0);
	for (int i = 0; i < 3; i++) {
		in(30);
		CHECK_EQ(chan_recv(c), SIGALRM);
		in(30);
		go(waits, c, back);
		CHECK_EQ(chan_recv(back), SIGALRM);
	}
	pthread_t t;
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(pthread_create(&t, NULL, reads, NULL), 0);
	while (!__atomic_load_n(&reading, __ATOMIC_ACQUIRE))
		garn_sleep(GARN_US(100));
	for (int i = 0; i < 10; i++) {
		garn_sleep(GARN_MS(2));
		CHECK_EQ(pthread_kill(t, SIGALRM), 0);
		CHECK_EQ(chan_recv(c), SIGALRM);
	}
	CHECK_EQ(write(fds[1], "x", 1), 1);
	CHECK_EQ(pthread_join(t, NULL), 0);
	garn_notify_stop(c);
	chan_unref(back);
	return 0;
}
