// Address space: the limit is set when the program has been loaded, at more and more above what it has by then. It dies naming the
// limit, or gives the right answer.
// SAN: no-address no-thread (they need terabytes of it)
// TIMEOUT: 120
#include "t_fail.h"

#include <sys/resource.h>

static const char *const words[] = { "no memory for |cannot start ", "ulimit -v (RLIMIT_AS)", NULL };

__attribute__((constructor)) static void limit(void)
{
	const char *more = getenv("T_LIMIT");
	unsigned long pages;
	if (more == NULL)
		return;
	FILE *f = fopen("/proc/self/statm", "r");
	CHECK(f != NULL);
	CHECK_EQ(fscanf(f, "%lu", &pages), 1);
	fclose(f);
	rlim_t n = pages * (unsigned long)getpagesize() + strtoul(more, NULL, 10) * 1024;
	CHECK_EQ(setrlimit(RLIMIT_AS, &(struct rlimit){ n, n }), 0);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return fail_child(argv[1]);
	bool died = false;
	for (unsigned long kb = 4; kb < 8u << 20; kb += kb / (T_SCALE > 1 ? 1 : 3) + 4) {
		char var[64];
		snprintf(var, sizeof var, "T_LIMIT=%lu", kb);
		died = fail_run(var, words);
		CHECK(died || kb > 16);
	}
	CHECK(!died);
	return 0;
}
