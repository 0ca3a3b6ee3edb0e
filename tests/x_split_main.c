// Goroutine 1, below a function of libc's and a callback: the limit that is named is its own, and the advice too. It is told by the function that
// does not fit, before the guard is touched.
// FLAGS: -fsplit-stack
// SAN: no-address no-thread (what runs into the guard in libc is the sanitizer's to report)
// EXPECT: runtime: goroutine stack exceeds 33488896-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: (the stack of main is as large as ulimit -s says
// EXPECT: goroutine 1 [running]:
// EXPECT: compare
// EXPECT: main
#include "t_split.h"

#include <signal.h>
#include <sys/resource.h>

static void guard(int sig)
{
	(void)sig;
	t_die(3); // the guard was touched
}

ALONE static int compare(const void *a, const void *b)
{
	int v[100];
	for (int i = 0; i < 100; i++)
		v[i] = 100 - i;
	qsort(v, 100, sizeof v[0], compare);
	return *(const int *)a - *(const int *)b + v[0];
}

int main(int argc, char **argv)
{
	int v[2] = { 2, 1 };
	struct rlimit rl;
	CHECK_EQ(getrlimit(RLIMIT_STACK, &rl), 0);
	if (argc == 1) { // again, with 20 MB, of which the next power of two is made
		rl.rlim_cur = 20 << 20;
		if (setrlimit(RLIMIT_STACK, &rl) != 0)
			SKIP("no stack of 20 MB");
		execl("/proc/self/exe", argv[0], "again", (char *)NULL);
		CHECK(0);
	}
	struct sigaction sa = { .sa_handler = guard, .sa_flags = SA_ONSTACK };
	sigaction(SIGSEGV, &sa, NULL); // in the library's place
	qsort(v, 2, sizeof v[0], compare);
	return v[0];
}
