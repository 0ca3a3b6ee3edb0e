// What the tests of retake share: a goroutine that ticks each millisecond, and may never stop for good. Only that is
// asked: so many ticks arrive, however late.
#ifndef T_RETAKE_H
#define T_RETAKE_H

#include "t_sync.h"
#include <errno.h>

enum { TICKS = T_SCALED(100) };

static uint32_t ticks, over; // A

__attribute__((unused)) static void t_ticking(void)
{
	while (!GET(over)) {
		garn_sleep(GARN_MS(1));
		ADD(ticks, 1);
	}
}

// Wait, as a goroutine, until n more ticks were made.
__attribute__((unused)) static void t_ticks(uint32_t n)
{
	uint32_t until = GET(ticks) + n;
	while ((int32_t)(until - GET(ticks)) > 0)
		garn_sleep(GARN_MS(1));
}

__attribute__((unused)) static int t_tid(void)
{
	return (int)syscall(SYS_gettid);
}

// How many threads the process has.
__attribute__((unused)) static int t_threads(void)
{
	int n = 0;
	DIR *d = opendir("/proc/self/task");
	CHECK(d != NULL);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

// Without a call of garn's, until the clock says so.
__attribute__((unused)) static void t_spin(int64_t ns)
{
	int64_t end = t_now() + ns;
	while (t_now() < end && !GET(over))
		;
}

#endif
