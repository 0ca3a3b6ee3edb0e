// Memory refused to the library, once or from then on: the program goes on without, or dies saying what there was no memory for.
// PROCS: 2
// TIMEOUT: 120
#include "t_fail.h"

static const char *const words[] = { "no memory for a|cannot start a thread", "ulimit -v (RLIMIT_AS)", NULL };

int main(int argc, char **argv)
{
	int died = 0;
	if (argc > 1)
		return fail_child(argv[1]);
	CHECK(fail_nth("mmap", 1, "", words));
	CHECK(fail_nth("mmap", 1, "+", words));
	for (int n = 2; n <= 80; n += T_SCALE > 1 ? 1 + n / 2 : 1 + n / 16) {
		died += fail_nth("mmap", n, "", words);
		died += fail_nth("mmap", n, "+", words);
	}
	CHECK(died > 0);
	CHECK(!fail_nth("mmap", 1000000, "+", words)); // never reached
	return 0;
}
