// No descriptor is left: the program runs, a deadlock is seen (for which threads are counted), an error is said.
// ENV: ASAN_OPTIONS=detect_leaks=0
#include "t_fail.h"

#include <sys/resource.h>

__attribute__((constructor)) static void limit(void)
{
	if (getenv("T_LIMIT") == NULL)
		return;
	for (int fd = 3; fd < 100; fd++)
		close(fd);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 3, 3 }), 0);
	CHECK_EQ(open("/dev/null", O_RDONLY), -1);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return fail_child(argv[1]);
	fail_limited(3);
	return 0;
}
