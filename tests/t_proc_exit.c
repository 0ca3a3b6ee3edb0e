// The end of the process: main returns, or anybody calls exit, in a goroutine or on a thread, while others run, sleep and wait. Handlers
// of atexit, on whatever stack, use channels and goroutines; the status is the one given.
#include "t_self.h"

#include <garn.h>
#include <pthread.h>

static chan(int) c;

static void answer(int n)
{
	chan_send(c, n);
}

static void handler(void)
{
	int sum = 0;
	for (int i = 1; i <= 50; i++)
		go(answer, i);
	for (int i = 1; i <= 50; i++)
		sum += chan_recv(c);
	garn_sleep(GARN_US(200));
	CHECK_EQ(sum, 1275);
	printf("handled\n");
	fflush(stdout);
}

static void busy(int how)
{
	for (;;) {
		switch (how) {
		case 0: garn_yield(); break;
		case 1: garn_sleep(GARN_US(50)); break;
		case 2: chan_select(); break;
		case 3: go(busy, 1), garn_goexit();
		case 4: garn_lock_os_thread(), garn_sleep(GARN_US(50)), garn_unlock_os_thread(); break;
		}
	}
}

static void exits(int status)
{
	exit(status);
}

static void exitstied(int status)
{
	garn_lock_os_thread();
	exit(status);
}

static void *thread(void *arg)
{
	exit(*(int *)arg);
}

static int child(char how)
{
	static int status = 7;
	pthread_t t;
	alarm(30);
	c = chan_make(int, 0);
	atexit(handler);
	for (int i = 0; i < 10; i++)
		go(busy, i % 5);
	garn_sleep(GARN_US(300));
	switch (how) {
	case 'm': return status;
	case 'e': exit(status);
	case 'g': go(exits, status); break;
	case 't': go(exitstied, status); break;
	case 'f': pthread_create(&t, NULL, thread, &status); break;
	case 's': // a stack of the default size is enough for exit, its handlers and stdio
		go_with(garn_attr(.stack = GARN_KB(192)), exits, status);
		break;
	}
	chan_select();
	return 1;
}

int main(int argc, char **argv)
{
	char out[4096];
	if (argc > 1)
		return child(*argv[1]);
	static const char *const how[] = { "m", "e", "g", "t", "f", "s" };
	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		int status = t_self(how[i], NULL, out, sizeof(out));
		if (status != 7)
			fprintf(stderr, "%s: %s\n", how[i], out);
		CHECK_EQ(status, 7);
		CHECK_STR(out, "handled\n");
	}
	return 0;
}
