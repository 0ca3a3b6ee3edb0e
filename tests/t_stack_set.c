// garn_set_max_stack and GARN_STACK: the variable means addresses, guard included; what the program says before the runtime is up
// stands over it, and what it says later, and from any thread. Threads that set it at once each get back what another had set.
#include "t_self.h"

#include <garn.h>
#include <pthread.h>

enum { THREADS = 4, TURNS = 200000 };

static garn_waitgroup wg;
static size_t first, before = 1, after;

__attribute__((constructor)) static void early(void)
{
	const char *set = getenv("T_SET");
	if (set != NULL && *set == '?')
		before = garn_set_max_stack(0);
	else if (set != NULL)
		before = garn_set_max_stack(strtoul(set, NULL, 10));
}

static void usable(size_t *n)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	*n = (size_t)((char *)hi - (char *)lo);
	garn_waitgroup_done(&wg);
}

static size_t spawned(void)
{
	size_t n = 0;
	garn_waitgroup_add(&wg, 1);
	go(usable, &n);
	garn_waitgroup_wait(&wg);
	return n;
}

static void child(void)
{
	first = spawned();
	CHECK_EQ(garn_set_max_stack(0), first);
	garn_set_max_stack(GARN_KB(100));
	after = spawned();
	printf("%zu %zu %zu\n", before, first, after);
}

static void expect(const char *stack, const char *set, const char *says)
{
	char out[1000], env1[100], env2[100];
	snprintf(env1, sizeof env1, "GARN_STACK=%s", stack);
	snprintf(env2, sizeof env2, "%s=%s", set ? "T_SET" : "T_UNSET", set ? set : "");
	CHECK_EQ(t_self("child", (const char *[]){ env1, env2, NULL }, out, sizeof out), 0);
	CHECK_STR(out, says);
}

// ---- at once

static pthread_barrier_t begin;
static uint32_t back[THREADS + 2][2]; // how often each size was set, and came back

static size_t sizeofthread(int i)
{
	return GARN_KB(64) + (GARN_KB(128) << i) - GARN_KB(128);
}

static void *sets(void *arg)
{
	int i = *(int *)arg;
	pthread_barrier_wait(&begin);
	for (int k = 0; k < TURNS; k++) {
		size_t was = garn_set_max_stack(sizeofthread(i));
		int j = 0;
		while (j <= THREADS && sizeofthread(j) != was)
			j++;
		CHECK(j <= THREADS);
		__atomic_fetch_add(&back[i][0], 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&back[j][1], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void race(void)
{
	pthread_t t[THREADS];
	int n[THREADS];
	garn_set_max_stack(sizeofthread(THREADS));
	CHECK_EQ(pthread_barrier_init(&begin, NULL, THREADS), 0);
	for (int i = 0; i < THREADS; i++) {
		n[i] = i;
		CHECK_EQ(pthread_create(&t[i], NULL, sets, &n[i]), 0);
	}
	for (int i = 0; i < 100; i++) // meanwhile others start
		CHECK(spawned() >= GARN_KB(64));
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	back[THREADS][0]++;
	size_t last = garn_set_max_stack(0);
	for (int i = 0; i <= THREADS; i++)
		CHECK_EQ(back[i][0], back[i][1] + (sizeofthread(i) == last));
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		child();
		return 0;
	}
	expect("", NULL, "1 196608 196608\n");
	expect("1M", NULL, "1 983040 196608\n");
	expect("16K", NULL, "1 65536 196608\n");
	expect("300000", NULL, "1 458752 196608\n");
	expect("1G", NULL, "1 1073676288 196608\n");
	expect("", "?", "196608 196608 196608\n");
	expect("1M", "?", "983040 983040 196608\n");
	expect("1M", "20000", "983040 65536 196608\n");
	expect("", "1073741824", "196608 2147418112 196608\n");
	race();
	return 0;
}
