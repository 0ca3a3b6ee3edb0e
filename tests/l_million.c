// Load: a million goroutines parked at once, each behind its guard, under the system's limit of mappings; then all are
// woken, and each finds its stack as it left it. Says what one costs, resident pages and page tables, and item by item what for: at most 5,000
// bytes, and packed 1,000.
// FLAGS:
// FLAGS: -DPACK
// PROCS: 1 2
// TIMEOUT: 280
// SAN: no-address no-thread (a million stacks under a sanitizer take more memory than there is)
#include "t_memory.h"
#include <garn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef PACK
enum { N = 1000000, MOST = 1000, PACKED = 1 };
#else
enum { N = 1000000, MOST = 5000, PACKED = 0 };
#endif

// Resident pages of stacks in KB, by /proc/self/smaps: nothing else here lies in mappings of hundreds of megabytes.
static long stackpages(void)
{
	char line[4096];
	uintptr_t lo = 0, hi = 0;
	long kb = 0;
	FILE *f = fopen("/proc/self/smaps", "r");
	CHECK(f);
	while (fgets(line, sizeof line, f))
		if (strncmp(line, "Rss:", 4) == 0)
			kb += hi - lo >= 128 << 20 ? strtol(line + 4, NULL, 10) : 0;
		else if (strchr(line, '-') && strchr(line, '-') < strchr(line, ' '))
			CHECK_EQ(sscanf(line, "%lx-%lx", &lo, &hi), 2);
	fclose(f);
	return kb;
}

struct cost {
	long stacks, tables, kept, all;
};

static struct cost costs(void)
{
	garn_stats s;
	garn_read_stats(&s);
	struct cost c = { stackpages(), t_status_kb("VmPTE:"), (long)s.packed.bytes / 1024, t_memory_kb() };
	return c;
}

static void sleeper(int i, chan(int) gate, garn_waitgroup *up, long *sum)
{
	int mine[8];
	for (int k = 0; k < 8; k++)
		mine[k] = i + k;
	__asm__ volatile("" : : "r"(mine) : "memory");
	garn_waitgroup_done(up);
	chan_recv(gate);
	for (int k = 0; k < 8; k++)
		if (mine[k] != i + k)
			abort();
	__atomic_fetch_add(sum, i, __ATOMIC_RELAXED);
	garn_waitgroup_done(up);
}

// False where none can be.
static bool all_packed(void)
{
	garn_stats s;
	do {
		garn_sleep(GARN_MS(500));
		garn_read_stats(&s);
	} while (s.packed.ever > 0 && s.packed.now < N);
	return s.packed.now >= N;
}

int main(void)
{
	chan(int) gate = chan_make(int, 0);
	garn_waitgroup up = { 0 };
	long sum = 0;
	struct cost before = costs(), after;
	garn_waitgroup_add(&up, N);
	for (int i = 0; i < N; i++)
		go_with(garn_attr(.pack = PACKED), sleeper, i, gate, &up, &sum);
	garn_waitgroup_wait(&up);
	CHECK(garn_num_goroutines() == N + 1);
	if (PACKED && (garn_sleep(GARN_S(3)), !all_packed()))
		SKIP("stacks cannot be packed here");
	after = costs();
	long all = (after.all - before.all) * 1024 / N, stacks = (after.stacks - before.stacks) * 1024 / N;
	long tables = (after.tables - before.tables) * 1024 / N, kept = (after.kept - before.kept) * 1024 / N;
	printf("%d goroutines %s: %ld bytes each, resident pages and page tables\n", N, PACKED ? "packed" : "parked", all);
	if (PACKED || stacks > 0) // where guards are protected pages, mappings are small
		printf("of these %ld pages of stack, %ld page tables, %ld what packed ones have kept, %ld descriptors and the rest\n", stacks, tables, kept,
		       all - stacks - tables - kept);
	CHECK(all <= MOST);
	garn_waitgroup_add(&up, N);
	chan_close(gate);
	garn_waitgroup_wait(&up);
	CHECK(sum == (long)N * (N - 1) / 2);
	chan_unref(gate);
	return 0;
}
