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

int main(int argc, char **argv)
{
	static const int kb[] = { 64, 100, 128, 256, 1024, 4096 };
	if (argc > 1)
		return fail_child(argv[1]);
	for (size_t i = 0; i < sizeof kb / sizeof kb[0]; i++)
		fail_limited(kb[i]);
	return 0;
}
