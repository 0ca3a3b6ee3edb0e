// Memory refused to the library, once or from then on: the program goes on without, or dies saying what there was no memory for.
// TIMEOUT: 120
#include "t_fail.h"

static const char *const words[] = { "no memory for a|cannot start a thread", "ulimit -v (RLIMIT_AS)", NULL };

static bool run(int n, const char *more)
{
	char var[64];
	snprintf(var, sizeof var, "GARN_FAIL=mmap:%d%s", n, more);
	return fail_run(var, words);
}

int main(int argc, char **argv)
{
	int died = 0;
	(void)argv;
	if (argc > 1) {
		fail_workload();
		return 0;
	}
	CHECK(run(1, ""));
	CHECK(run(1, "+"));
	for (int n = 2; n <= 80; n += T_SCALE > 1 ? 1 + n / 2 : 1 + n / 16) {
		died += run(n, "");
		died += run(n, "+");
	}
	CHECK(died > 0);
	CHECK(!run(1000000, "+")); // never reached
	return 0;
}
