// Embedded, there is never a verdict: what looks dead may be waiting for the rest of the program, here a thread that is started
// late by one that is none of ours.
// EMBED
#include "test.h"

#include <garn.h>
#include <pthread.h>

static chan(int) c;

static void *late(void *arg)
{
	struct timespec ts = { 0, 50000000 };
	(void)arg;
	nanosleep(&ts, NULL);
	chan_send(c, 1);
	return NULL;
}

static void *early(void *arg)
{
	pthread_t t;
	struct timespec ts = { 0, 20000000 };
	(void)arg;
	nanosleep(&ts, NULL);
	CHECK_EQ(pthread_create(&t, NULL, late, NULL), 0);
	pthread_detach(t);
	return NULL;
}

static void tied(void)
{
	garn_lock_os_thread();
	chan_select();
}

static int fn(int argc, char **argv)
{
	(void)argv;
	go(tied);
	CHECK_EQ(chan_recv(c), 1);
	return argc;
}

int main(int argc, char **argv)
{
	pthread_t t;
	c = chan_make(int, 0);
	CHECK_EQ(pthread_create(&t, NULL, early, NULL), 0);
	CHECK_EQ(garn_run(fn, argc, argv), argc);
	pthread_join(t, NULL);
	chan_unref(c);
	return 0;
}
