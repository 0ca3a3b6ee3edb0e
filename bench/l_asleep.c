// l: 1,000 goroutines in plain sleep(1) at once: until all are done, and how many threads there are then.
// UNPINNED: as many threads as goroutines
#include "bench.h"
#include <dirent.h>
#include <unistd.h>

static garn_waitgroup wg;

static void sleeper(void)
{
	sleep(1);
	garn_waitgroup_done(&wg);
}

static long threads(void)
{
	DIR *d = opendir("/proc/self/task");
	long n = 0;
	must("l_asleep", d != NULL);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 1000);
	int64_t start = garn_now();
	garn_waitgroup_add(&wg, (int)n);
	for (long i = 0; i < n; i++)
		go(sleeper);
	garn_waitgroup_wait(&wg);
	report("l_asleep", start, 1);
	reportvalue("l_asleep_threads", threads());
	return 0;
}
