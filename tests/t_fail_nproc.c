// So many processes and threads for a user, and no more: too few to start, that is said; some more, and the program runs with
// what there is. As another user than root, for whom there is no such limit.
// ENV: ASAN_OPTIONS=detect_leaks=0
// TIMEOUT: 120
#include "t_fail.h"

#include <sys/resource.h>

static const char *const words[] = { "cannot start ", " thread", "ulimit -u (RLIMIT_NPROC)", NULL };

// A user of its own for each run of this test, whom nobody else's processes are counted with.
__attribute__((constructor)) static void limit(void)
{
	const char *n = getenv("T_LIMIT");
	if (n == NULL)
		return;
	if (geteuid() == 0 && setuid(100000 + (uid_t)getppid() % 1000000) != 0 && setuid(65534) != 0) {
		printf("no other user: %s\n", strerror(errno));
		t_die(77);
	}
	rlim_t k = strtoul(n, NULL, 10);
	CHECK_EQ(setrlimit(RLIMIT_NPROC, &(struct rlimit){ k, k }), 0);
}

static bool run(int n)
{
	char var[64];
	snprintf(var, sizeof var, "T_LIMIT=%d", n);
	return fail_run(var, words);
}

int main(int argc, char **argv)
{
	char out[1000];
	const char *const env[] = { "T_LIMIT=1", NULL };
	if (argc > 1)
		return fail_child(argv[1]);
	if (t_self("work", env, out, sizeof out) == 77)
		SKIP(out);
	CHECK(run(1));
	for (int n = 2; n < 24; n += T_SCALE > 1 ? 1 + n / 2 : 1)
		run(n); // who is not root shares the limit with all else he runs: nothing can be said of a number
	return 0;
}
