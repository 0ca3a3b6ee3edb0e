// 1,024 Ps from the start: they cost memory, not threads, and everything works.
// PROCS: 1
// ENV: GARN_MAXPROCS=1024
#include "t_self.h"

#include <dirent.h>
#include <garn.h>

static garn_waitgroup wg;
static int sum;

static void adds(chan(int) c, int n)
{
	chan_send(c, n);
	garn_yield();
	garn_sleep(GARN_US(n % 7));
	__atomic_fetch_add(&sum, n, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

static int threads(void)
{
	int n = 0;
	DIR *d = opendir("/proc/self/task");
	CHECK(d != NULL);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

int main(int argc, char **argv)
{
	char out[2048];
	(void)argv;
	if (argc > 1) { // with another number
		printf("%d\n", garn_gomaxprocs(0));
		return 0;
	}
	CHECK_EQ(garn_gomaxprocs(0), 1024);
	chan(int) c = chan_make(int, 10);
	int n = T_SCALED(3000), want = 0;
	for (int i = 0; i < n; i++) {
		garn_waitgroup_add(&wg, 1);
		go(adds, c, i);
	}
	for (int i = 0; i < n; i++)
		want += chan_recv(c);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(sum, want);
	CHECK_EQ(want, n * (n - 1) / 2);
	CHECK(threads() < 700); // as many as there was work for, at most: here always less
	CHECK_EQ(garn_gomaxprocs(2), 1024);
	CHECK_EQ(garn_gomaxprocs(5000), 2);
	CHECK_EQ(garn_gomaxprocs(0), 1024);
	chan_unref(c);

	// More is cut down, less is taken as it is; what is no number is refused by name.
	CHECK_EQ(t_self("n", (const char *[]){ "GARN_MAXPROCS=5000", NULL }, out, sizeof(out)), 0);
	CHECK_STR(out, "1024\n");
	CHECK_EQ(t_self("n", (const char *[]){ "GARN_MAXPROCS=3", NULL }, out, sizeof(out)), 0);
	CHECK_STR(out, "3\n");
	static const char *const wrong[] = { "0", "-1", "2x", "x", "1.5", " " };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		char env[32];
		snprintf(env, sizeof(env), "GARN_MAXPROCS=%s", wrong[i]);
		CHECK_EQ(t_self("n", (const char *[]){ env, NULL }, out, sizeof(out)), 2);
		CHECK(strstr(out, "fatal error: GARN_MAXPROCS") != NULL);
	}
	return 0;
}
