// Threads refused to the library, once or from then on: the program goes on with fewer, or, when none is left that could run
// goroutines (all others are tied), dies saying so. A refusal once is nothing: it tries again.
// TIMEOUT: 120
#include "t_fail.h"

static const char *const words[] = { "cannot start ", " thread", "ulimit -u (RLIMIT_NPROC)", NULL };

static bool run(int n, const char *more)
{
	char var[64];
	snprintf(var, sizeof var, "GARN_FAIL=thread:%d%s", n, more);
	return fail_run(var, words);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		fail_workload();
		return 0;
	}
	CHECK(run(1, "+"));
	CHECK(run(2, "+"));
	for (int n = 3; n <= 40; n += T_SCALE > 1 ? 1 + n / 3 : 1 + n / 8) {
		CHECK(!run(n, ""));
		run(n, "+");
	}
	return 0;
}
