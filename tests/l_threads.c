// Load: more threads than an M may be made for. Each goroutine is tied to a thread and waits, so each takes one; that ends by name
// before the kernel's own limits, which say something else.
// PROCS: 2
// TIMEOUT: 280
// SAN: no-address no-thread (so many threads under a sanitizer take more memory than there is)
#include "t_self.h"

#include <garn.h>
#include <pthread.h>

enum { MOST = 10000 };

static void tied(chan(int) gate)
{
	garn_lock_os_thread();
	chan_recv(gate);
}

static int child(void)
{
	chan(int) gate = chan_make(int, 0);
	alarm(250);
	for (int i = 0; i < MOST + 100; i++) {
		go(tied, gate);
		if (i % 64 == 0)
			garn_sleep(GARN_US(100));
	}
	garn_sleep(GARN_S(200)); // the last of them are being made
	return 0;
}

static void *sleeper(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

// May this process have so many threads at all?
static int probe(void)
{
	pthread_attr_t attr;
	pthread_t t;
	CHECK_EQ(pthread_attr_init(&attr), 0);
	CHECK_EQ(pthread_attr_setstacksize(&attr, 64 << 10), 0);
	for (int i = 0; i < MOST + 100; i++)
		if (pthread_create(&t, &attr, sleeper, NULL) != 0)
			t_die(1);
	t_die(0);
}

int main(int argc, char **argv)
{
	char out[8192];
	if (argc > 1)
		return *argv[1] == 'p' ? probe() : child();
	if (t_self("probe", NULL, out, sizeof(out)) != 0)
		SKIP("the system does not let a process have 10,100 threads");
	CHECK_EQ(t_self("child", NULL, out, sizeof(out)), 2);
	CHECK(strstr(out, "fatal error: thread exhaustion: the program has 10000 threads") == out);
	return 0;
}
