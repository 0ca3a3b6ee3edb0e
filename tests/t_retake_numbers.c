// While sysmon finds out who sleeps in the kernel, the lowest free descriptor number stays free: whoever opens something gets it, and what
// was closed stays closed.
#include "t_retake.h"
#include <fcntl.h>

static int first;

static void sleeper(void)
{
	while (!GET(over))
		usleep(200);
}

static void *opens(void *unused)
{
	(void)unused;
	for (int64_t end = t_now() + 500000000; t_now() < end;) {
		int fd = dup(0);
		CHECK_EQ(fd, first);
		CHECK_EQ(close(fd), 0);
		for (int i = 0; i < 20; i++)
			CHECK(fcntl(first, F_GETFD) == -1 && errno == EBADF);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;
	t_quietmalloc();
	first = dup(0);
	CHECK(first > 2 && close(first) == 0);
	go(t_ticking);
	for (int i = 0; i < 3; i++)
		go(sleeper);
	CHECK_EQ(pthread_create(&t, NULL, opens, NULL), 0);
	t_ticks(TICKS);
	CHECK_EQ(pthread_join(t, NULL), 0); // in plain C: this goroutine is one of those who sleep
	SET(over, 1);
	while (garn_num_goroutines() > 1)
		garn_sleep(GARN_MS(1));
	return 0;
}
