// garn_run returns while others are at work: goroutines that start others without a wait, and timers that come due at that moment.
// They stop; the program, which goes on, is none the worse. A thread of its own that says go now dies by name.
// EMBED
#include "t_self.h"

#include <garn.h>
#include <pthread.h>

enum { TIMES = T_SCALED(5), TIMERS = 2000 };

static void nothing(void)
{
}

static void spawner(void)
{
	for (;;) {
		for (volatile int i = 0; i < 10000; i++)
			;
		go(nothing);
	}
}

static void tick(void *arg)
{
	(void)arg;
}

static int fn(int argc, char **argv)
{
	static garn_timer t[TIMERS];
	(void)argc;
	if (*argv[1] == 't') {
		for (int i = 0; i < TIMERS; i++)
			garn_timer_start(&t[i], GARN_US(900 + i / 4), tick, NULL);
		garn_sleep(GARN_US(1000));
		return 3;
	}
	for (int i = 0; i < 4; i++)
		go(spawner);
	garn_sleep(GARN_MS(2));
	return 3;
}

static void *late(void *arg)
{
	go(nothing);
	return arg;
}

static int child(int argc, char **argv)
{
	pthread_t t;
	alarm(50);
	CHECK_EQ(garn_run(fn, argc, argv), 3);
	usleep(100000);
	if (*argv[1] == 'l') {
		CHECK_EQ(pthread_create(&t, NULL, late, NULL), 0);
		pthread_join(t, NULL);
	}
	return 3;
}

int main(int argc, char **argv)
{
	char out[4096];
	if (argc > 1)
		return child(argc, argv);
	for (int i = 0; i < TIMES; i++)
		for (int how = 0; how < 2; how++) {
			int status = t_self(how ? "spawners" : "timers", NULL, out, sizeof(out));
			CHECK_STR(out, "");
			CHECK_EQ(status, 3);
		}
	CHECK_EQ(t_self("late", NULL, out, sizeof(out)), 2);
	CHECK(strstr(out, "fatal error: go: garn_run has returned") == out);
	return 0;
}
