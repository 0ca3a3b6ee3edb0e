// A signal handler of the program's may touch packed stacks, whatever it interrupts: here a thread that asks for statistics all the time.
// ENV: GARN_PACK=5
// SAN: no-address no-thread (nothing is packed under them)
#define _GNU_SOURCE 1
#include "t_pack.h"
#include <signal.h>

enum { N = 100, ENOUGH = T_SCALED(500) };
static volatile int *place[N];
static uint32_t running, hits, over;
static pthread_t asks;

static void sleeps(int i)
{
	volatile int here = i + 5;
	place[i] = &here;
	ADD(running, 1);
	while (!GET(over)) {
		garn_sleep(GARN_MS(30 + i % 7));
		CHECK_EQ(here, i + 5);
	}
	ADD(running, -1);
}

static void handler(int sig)
{
	static int turn;
	int i = turn++ % N;
	(void)sig;
	hits += t_packed(place[i]);
	if (*place[i] != i + 5)
		abort();
}

static void *thread(void *arg)
{
	garn_stats s;
	while (!GET(over))
		garn_read_stats(&s);
	return arg;
}

int main(void)
{
	t_need_packing();
	for (int i = 0; i < N; i++)
		go(sleeps, i);
	t_await(&running, N);
	signal(SIGUSR1, handler);
	CHECK_EQ(pthread_create(&asks, NULL, thread, NULL), 0);
	while (GET(hits) < ENOUGH) {
		CHECK_EQ(pthread_kill(asks, SIGUSR1), 0);
		garn_sleep(GARN_US(50));
	}
	SET(over, 1);
	CHECK_EQ(pthread_join(asks, NULL), 0);
	while (GET(running) > 0)
		garn_sleep(GARN_MS(5));
	return 0;
}
