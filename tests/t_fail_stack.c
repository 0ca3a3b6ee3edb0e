// The process's own stack is small from the start: there the first thread's scheduler runs, and the last words are prepared.
// SAN: no-address no-thread (they need more of it than that)
#include "t_fail.h"

#include <sys/resource.h>

__attribute__((constructor)) static void limit(int argc, char **argv, char **envp)
{
	const char *kb = getenv("T_LIMIT");
	struct rlimit rl;
	(void)argc;
	if (kb == NULL)
		return;
	rlim_t n = strtoul(kb, NULL, 10) * 1024;
	CHECK_EQ(getrlimit(RLIMIT_STACK, &rl), 0);
	if (rl.rlim_cur == n)
		return;
	CHECK_EQ(setrlimit(RLIMIT_STACK, &(struct rlimit){ n, rl.rlim_max }), 0);
	execve("/proc/self/exe", argv, envp);
	t_die(1);
}

static int child(const char *what)
{
	alarm(T_SCALE > 1 ? 200 : 50);
	if (strcmp(what, "work") == 0) {
		fail_workload();
	} else if (strcmp(what, "dead") == 0) {
		chan_select();
	} else {
		garn_mutex mu = { { 0 } };
		garn_mutex_unlock(&mu);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const int sizes[] = { 64, 100, 128, 256, 1024, 4096 };
	static char out[1 << 16];
	if (argc > 1)
		return child(argv[1]);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char var[64];
		const char *const env[] = { var, NULL };
		snprintf(var, sizeof var, "T_LIMIT=%d", sizes[i]);
		CHECK_EQ(t_self("work", env, out, sizeof out), 0);
		CHECK_STR(out, "right\n");
		CHECK_EQ(t_self("dead", env, out, sizeof out), 2);
		CHECK(strncmp(out, "fatal error: all goroutines are asleep - deadlock!\n", 51) == 0);
		CHECK_EQ(t_self("die", env, out, sizeof out), 2);
		CHECK(strstr(out, "fatal error: sync: unlock of unlocked mutex\n") != NULL);
	}
	return 0;
}
