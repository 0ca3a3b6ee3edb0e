// Sleeps in the kernel that end at once for no reason, once or always: nobody takes that for a wake-up.
// TIMEOUT: 120
#include "t_fail.h"

static void run(int n, const char *more)
{
	char var[64];
	snprintf(var, sizeof var, "GARN_FAIL=futex:%d%s", n, more);
	CHECK(!fail_run(var, NULL));
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		fail_workload();
		return 0;
	}
	for (int n = 1; n <= 200; n += T_SCALE > 1 ? 1 + n : 1 + n / 4)
		run(n, "");
	run(1, "+");
	run(20, "+");
	return 0;
}
