// No false alarm of a deadlock: every goroutine waits, and a thread that runs none will call in: one that has called before,
// or never; one that sleeps, or runs; a goroutine that is busy in C code counts, too. Threads that wait in garn for each other, and end.
#include "test.h"

#include <garn.h>
#include <pthread.h>

static void nap(int ms)
{
	struct timespec ts = { 0, ms * 1000000L };
	nanosleep(&ts, NULL);
}

static void *calls(void *arg)
{
	nap(30);
	chan_send((chan(int))arg, 1);
	return NULL;
}

static void *callsagain(void *arg)
{
	chan(int) c = (chan(int))arg;
	chan_send(c, 1);
	nap(30);
	chan_send(c, 2);
	return NULL;
}

static void *spins(void *arg)
{
	int64_t end = t_now() + 30000000;
	while (t_now() < end)
		;
	chan_send((chan(int))arg, 1);
	return NULL;
}

// Started by a thread that is gone itself.
static void *starts(void *arg)
{
	pthread_t t;
	CHECK_EQ(pthread_create(&t, NULL, calls, arg), 0);
	pthread_detach(t);
	return NULL;
}

// One waits in garn for a goroutine that waits for a thread.
static void *waits(void *arg)
{
	chan(int) *c = arg;
	CHECK_EQ(chan_recv(c[1]), 5);
	chan_send(c[0], 1);
	return NULL;
}

static void cnap(chan(int) c)
{
	nap(30);
	chan_send(c, 1);
}

static void cwait(chan(int) c)
{
	pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 30000000;
	if (ts.tv_nsec >= 1000000000)
		ts.tv_sec++, ts.tv_nsec -= 1000000000;
	pthread_mutex_lock(&mu);
	while (pthread_cond_timedwait(&cv, &mu, &ts) == 0)
		;
	pthread_mutex_unlock(&mu);
	chan_send(c, 1);
}

// Two threads hand each other a value, while all goroutines sleep: mostly one of them waits in garn, and at times both have just been there.
static chan(int) ping, pong;

static void *pings(void *arg)
{
	for (int i = 0; i < T_SCALED(4000); i++) {
		chan_send(ping, i);
		CHECK_EQ(chan_recv(pong), i);
	}
	chan_send((chan(int))arg, 1);
	return NULL;
}

static void *pongs(void *arg)
{
	(void)arg;
	for (int i = 0; i < T_SCALED(4000); i++)
		chan_send(pong, chan_recv(ping));
	return NULL;
}

static garn_mutex mu;
static garn_cond cond;
static int turn;

// Each is woken by the one before, which gives up the mutex as it falls asleep, or ends at once.
static void *inturn(void *arg)
{
	int me = (int)(intptr_t)arg;
	garn_mutex_lock(&mu);
	while (turn != me)
		garn_cond_wait(&cond, &mu);
	turn++;
	garn_cond_broadcast(&cond);
	garn_mutex_unlock(&mu);
	return NULL;
}

static void amongthemselves(chan(int) c)
{
	enum { N = 8 };
	pthread_t t[N];
	ping = chan_make(int, 0);
	pong = chan_make(int, 0);
	CHECK_EQ(pthread_create(&t[0], NULL, pings, (void *)c), 0);
	CHECK_EQ(pthread_create(&t[1], NULL, pongs, NULL), 0);
	CHECK_EQ(chan_recv(c), 1);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	chan_unref(ping);
	chan_unref(pong);
	for (int i = 0; i < T_SCALED(50); i++) {
		turn = 0;
		for (int k = 0; k < N; k++)
			CHECK_EQ(pthread_create(&t[k], NULL, inturn, (void *)(intptr_t)k), 0);
		garn_mutex_lock(&mu);
		while (turn != N)
			garn_cond_wait(&cond, &mu);
		garn_mutex_unlock(&mu);
		for (int k = 0; k < N; k++)
			pthread_join(t[k], NULL);
	}
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	chan(int) two[2] = { c, chan_make(int, 0) };
	pthread_t t;
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(pthread_create(&t, NULL, calls, (void *)c), 0);
		CHECK_EQ(chan_recv(c), 1);
		pthread_join(t, NULL);
		CHECK_EQ(pthread_create(&t, NULL, callsagain, (void *)c), 0);
		CHECK_EQ(chan_recv(c), 1);
		CHECK_EQ(chan_recv(c), 2);
		pthread_join(t, NULL);
		CHECK_EQ(pthread_create(&t, NULL, spins, (void *)c), 0);
		CHECK_EQ(chan_recv(c), 1);
		pthread_join(t, NULL);
		CHECK_EQ(pthread_create(&t, NULL, starts, (void *)c), 0);
		pthread_join(t, NULL);
		CHECK_EQ(chan_recv(c), 1);
		CHECK_EQ(pthread_create(&t, NULL, waits, two), 0);
		chan_send(two[1], 5);
		CHECK_EQ(chan_recv(c), 1);
		pthread_join(t, NULL);
		go(cnap, c);
		CHECK_EQ(chan_recv(c), 1);
		go(cwait, c);
		CHECK_EQ(chan_recv(c), 1);
		garn_lock_os_thread();
		go(cnap, c);
		CHECK_EQ(chan_recv(c), 1);
		CHECK_EQ(pthread_create(&t, NULL, calls, (void *)c), 0);
		CHECK_EQ(chan_recv(c), 1);
		pthread_join(t, NULL);
		garn_unlock_os_thread();
	}
	amongthemselves(c);
	chan_unref(c);
	chan_unref(two[1]);
	return 0;
}
