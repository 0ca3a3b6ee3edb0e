// Sleeps in the kernel that end at once for no reason, once or always: nobody takes that for a wake-up.
// PROCS: 2
// TIMEOUT: 120
#include "t_fail.h"

int main(int argc, char **argv)
{
	if (argc > 1)
		return fail_child(argv[1]);
	for (int n = 1; n <= 200; n += T_SCALE > 1 ? 1 + n : 1 + n / 4)
		CHECK(!fail_nth("futex", n, "", NULL));
	CHECK(!fail_nth("futex", 1, "+", NULL));
	CHECK(!fail_nth("futex", 20, "+", NULL));
	return 0;
}
