// Threads refused to the library, once or from then on: the program goes on with fewer, or, when none is left that could run
// goroutines (all others are tied), dies saying so. A refusal once is nothing: it tries again.
// TIMEOUT: 120
#include "t_fail.h"

static const char *const words[] = { "cannot start ", " thread", "ulimit -u (RLIMIT_NPROC)", NULL };

int main(int argc, char **argv)
{
	if (argc > 1)
		return fail_child(argv[1]);
	CHECK(fail_nth("thread", 1, "+", words));
	CHECK(fail_nth("thread", 2, "+", words));
	for (int n = 3; n <= 40; n += T_SCALE > 1 ? 1 + n / 3 : 1 + n / 8) {
		CHECK(!fail_nth("thread", n, "", words));
		fail_nth("thread", n, "+", words);
	}
	return 0;
}
