// A ticker beside goroutines that hammer malloc and free, run qsort with a slow comparison, hold a pthread mutex for long
// while others want it, and sit in the kernel by plain calls: sleep, flock, read. errno and the
// thread-local variable are right throughout, and each stays on its thread where it does not park.
#include "t_retake.h"
#include <fcntl.h>
#include <sys/file.h>

static garn_waitgroup wg;
static __thread int mine;

static void mallocs(int id)
{
	struct t_rng r = t_rng(t_seed(), (uint64_t)id);
	void *p[64] = { NULL };
	while (!GET(over)) {
		uint64_t i = t_below(&r, 64);
		free(p[i]);
		p[i] = malloc(t_below(&r, 2000) + 1);
		CHECK(p[i] != NULL);
	}
	for (int i = 0; i < 64; i++)
		free(p[i]);
	garn_waitgroup_done(&wg);
}

static int slowly(const void *a, const void *b)
{
	for (volatile int i = 0; i < 300; i++)
		;
	return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

static void sorts(int id)
{
	struct t_rng r = t_rng(t_seed(), (uint64_t)id);
	static int v[20000];
	while (!GET(over)) {
		for (int i = 0; i < T_SCALED(20000); i++)
			v[i] = (int)t_below(&r, 1 << 30);
		qsort(v, T_SCALED(20000), sizeof *v, slowly);
		for (int i = 1; i < T_SCALED(20000); i++)
			CHECK(v[i - 1] <= v[i]);
	}
	garn_waitgroup_done(&wg);
}

static pthread_mutex_t pm = PTHREAD_MUTEX_INITIALIZER;
static int owner; // under pm

static void holds(int id)
{
	while (!GET(over)) {
		int tid = t_tid();
		errno = id;
		mine = id;
		CHECK_EQ(pthread_mutex_lock(&pm), 0);
		owner = id;
		if (id % 2)
			t_spin(50000000);
		else
			usleep(50000);
		CHECK_EQ(garn_num_goroutines() > 1, 1);
		CHECK_EQ(owner, id);
		CHECK_EQ(tid, t_tid());
		CHECK_EQ(pthread_mutex_unlock(&pm), 0);
		CHECK_EQ(errno, id);
		CHECK_EQ(mine, id);
		garn_yield();
	}
	garn_waitgroup_done(&wg);
}

static void sleeps(void)
{
	sleep(3);
	garn_waitgroup_done(&wg);
}

static char lockfile[] = "/tmp/garn-retake-XXXXXX";

static void flocks(void)
{
	int fd = open(lockfile, O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(flock(fd, LOCK_EX), 0);
	close(fd);
	garn_waitgroup_done(&wg);
}

static void reads(int fd)
{
	char c;
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'x');
	garn_waitgroup_done(&wg);
}

static void started(void (*fn)(int), int n)
{
	garn_waitgroup_add(&wg, n);
	for (int i = 0; i < n; i++)
		go(fn, i);
	t_ticks(TICKS);
}

static void ended(void)
{
	SET(over, 1);
	garn_waitgroup_wait(&wg);
	SET(over, 0);
	go(t_ticking);
	t_ticks(1);
}

int main(void)
{
	int p[2], fd = mkstemp(lockfile);
	t_seed();
	CHECK(fd >= 0);
	CHECK_EQ(flock(fd, LOCK_EX), 0);
	CHECK_EQ(pipe(p), 0);
	garn_waitgroup_add(&wg, 4);
	go(t_ticking);
	go(sleeps);
	go(sleeps);
	go(flocks);
	go(reads, p[0]);
	t_ticks(TICKS);
	CHECK_EQ(write(p[1], "x", 1), 1);
	CHECK_EQ(flock(fd, LOCK_UN), 0);
	garn_waitgroup_wait(&wg);
	unlink(lockfile);

	started(mallocs, 3);
	ended();
	started(sorts, 1);
	ended();
	started(holds, 4);
	ended();
	return 0;
}
