// Memory the process has in use, by /proc/self/status, in KB.
#ifndef T_MEMORY_H
#define T_MEMORY_H

#include "garn.h"
#include "test.h"

static long t_status_kb(const char *key)
{
	char line[256];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");
	CHECK(f != NULL);
	while (kb < 0 && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			kb = atol(line + strlen(key));
	fclose(f);
	CHECK(kb >= 0);
	return kb;
}

// Pages, and the page tables for them.
__attribute__((unused)) static long t_memory_kb(void)
{
	return t_status_kb("VmRSS:") + t_status_kb("VmPTE:");
}

// What there is when it has come down to that, or after half a minute.
__attribute__((unused)) static long t_await_memory(long kb)
{
	long now = t_memory_kb();
	for (int i = 0; i < 300 && now > kb; i++) {
		garn_sleep(GARN_MS(100));
		now = t_memory_kb();
	}
	return now;
}

#endif
