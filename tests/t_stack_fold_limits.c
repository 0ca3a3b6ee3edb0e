// Blocks that are folded, in a program that is short of something when they are to come back: of mappings, when one amid many is wanted; of memory by
// RLIMIT_DATA, where nothing is folded, but packed all the same; and one that locks all its memory, which is not to cost a mapping for each stack.
// FLAGS: -DMAPPINGS
// FLAGS: -DDATA
// FLAGS: -DLOCKED
// ENV: GARN_PACK=20
// SAN: no-address no-thread (nothing is packed under them)
#define _GNU_SOURCE 1
#include "t_pack.h"
#include <sys/resource.h>

enum { N = 800, PERBLOCK = 8, AMID = N / 2, PAGE = 4096 };
static garn_sem gate[N];
static volatile int *place[N];
static uint32_t running, ended;

static void waits(int i)
{
	volatile int mine = i + 5;
	place[i] = &mine;
	ADD(running, 1);
	garn_sem_acquire(&gate[i]);
	CHECK_EQ(mine, i + 5);
	ADD(ended, 1);
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)place[*(const int *)a], y = (uintptr_t)place[*(const int *)b];
	return (x > y) - (x < y);
}

static garn_stats stats(void)
{
	garn_stats s;
	garn_read_stats(&s);
	return s;
}

static void all_packed(int64_t folded)
{
	for (int i = 0; i < N; i++)
		t_await_packed(place[i]);
	while (stats().packed.folded < folded)
		garn_sleep(GARN_MS(10));
}

static void wake(int i)
{
	uint32_t n = GET(ended);
	garn_sem_release(&gate[i]);
	t_await(&ended, n + 1);
}

#ifdef MAPPINGS
// One mapping or two until there are no more.
static void before_waking(void)
{
	size_t most = (size_t)1 << 34;
	char *p = mmap(NULL, most, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED);
	size_t at = PAGE;
	while (at < most && mprotect(p + at, PAGE, PROT_READ) == 0)
		at += 2 * PAGE;
	if (at >= most)
		SKIP("there is no limit to mappings here");
}

static void first(void)
{
	all_packed(N / PERBLOCK - 2);
}
#elif defined DATA
static void first(void)
{
	all_packed(0);
	garn_sleep(GARN_MS(50));
	CHECK_EQ(stats().packed.folds, 0);
}

static void before_waking(void)
{
	while (mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED)
		;
}
#else
static void first(void)
{
	all_packed(N / PERBLOCK - 2);
}

static void before_waking(void)
{
}
#endif

static int mappings(uintptr_t lo, uintptr_t hi)
{
	uintptr_t from, to;
	char line[4096];
	int n = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	CHECK(f != NULL);
	while (fgets(line, sizeof line, f))
		n += sscanf(line, "%lx-%lx", &from, &to) == 2 && to > lo && from < hi;
	fclose(f);
	return n;
}

int main(void)
{
	int order[N];
	t_need_packing();
#ifdef DATA
	struct rlimit limit = { (rlim_t)1 << 30, (rlim_t)1 << 30 };
	CHECK_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
#elif defined LOCKED
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		SKIP("RLIMIT_MEMLOCK");
#endif
	for (int i = 0; i < N; i++)
		go(waits, i);
	t_await(&running, N);
	for (int i = 0; i < N; i++)
		order[i] = i;
	qsort(order, N, sizeof order[0], by_address);
	first();
	before_waking();
	for (int i = 0; i < N; i++)
		wake(order[(AMID + i * 7) % N]);
	CHECK_EQ(stats().packed.folded, 0);
#ifdef LOCKED
	int maps = mappings((uintptr_t)place[order[0]], (uintptr_t)place[order[N - 1]]);
	printf("%d mappings\n", maps);
	CHECK(maps <= 3 * N / PERBLOCK);
#else
	(void)mappings;
#endif
	return 0;
}
