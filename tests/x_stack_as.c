// No addresses for a stack as large as was asked for: the death says what was to be had, and which limits and settings to look at.
// SAN: no-address no-thread (they need terabytes of addresses)
// EXPECT: 200 MB were to be had
// EXPECT: fatal error: no memory for a goroutine's stack: Cannot allocate memory
// EXPECT: GARN_STACK
// EXPECT: ulimit -v (RLIMIT_AS)
// REJECT: a bug in garn
#include "test.h"

#include <garn.h>
#include <sys/resource.h>

static int ran;

static void runs(int n)
{
	ran = n;
}

int main(void)
{
	unsigned long pages;
	FILE *f = fopen("/proc/self/statm", "r");
	CHECK(f);
	CHECK_EQ(fscanf(f, "%lu", &pages), 1);
	fclose(f);
	rlim_t n = pages * (rlim_t)getpagesize() + ((rlim_t)1000 << 20);
	CHECK_EQ(setrlimit(RLIMIT_AS, &(struct rlimit){ n, n }), 0);
	go_with(garn_attr(.stack = GARN_MB(200)), runs, 1); // this fits
	while (!ran)
		garn_yield();
	fputs("200 MB were to be had\n", stderr);
	go_with(garn_attr(.stack = GARN_MB(1000)), runs, 2);
	garn_sleep(GARN_S(10));
	return 0;
}
