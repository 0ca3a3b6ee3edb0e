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

static void forever(void)
{
	chan_select();
}

static int child(const char *what)
{
	alarm(T_SCALE > 1 ? 200 : 50);
	if (strcmp(what, "work") == 0) {
		fail_workload();
	} else if (strcmp(what, "dead") == 0) {
		for (int i = 0; i < 10; i++)
			go(forever);
		forever();
	} else {
		garn_mutex mu = { { 0 } };
		garn_mutex_unlock(&mu);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static char out[1 << 16];
	const char *const env[] = { "T_LIMIT=1", NULL };
	if (argc > 1)
		return child(argv[1]);
	CHECK_EQ(t_self("work", env, out, sizeof out), 0);
	CHECK_STR(out, "right\n");
	CHECK_EQ(t_self("dead", env, out, sizeof out), 2);
	CHECK(strncmp(out, "fatal error: all goroutines are asleep - deadlock!\n", 51) == 0);
	CHECK_EQ(t_self("die", env, out, sizeof out), 2);
	CHECK(strstr(out, "fatal error: sync: unlock of unlocked mutex\n") != NULL);
	CHECK(strstr(out, "goroutine 1 [running]:\n") != NULL);
	return 0;
}
