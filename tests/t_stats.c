// garn_read_stats: stacks in use are those of goroutines that run or wait, by size; what ends is kept, and given back after a while; threads
// that sleep in the kernel without a processor are counted, and the retakes.
// SAN: no-thread no-hard no-address (stacks are kept, or thrown away)
#include "t_retake.h"

enum { N = 300, SLEEPERS = 20 };
static garn_waitgroup wg, parked;
static garn_sem gate;
static int end[2];

static void parks(void)
{
	garn_waitgroup_done(&parked);
	garn_sem_acquire(&gate);
	garn_waitgroup_done(&wg);
}

static void sleeps(void)
{
	char c;
	CHECK_EQ(read(end[0], &c, 1), 0);
	garn_waitgroup_done(&wg);
}

static struct garn_stack_stats *sized(garn_stats *s, size_t bytes)
{
	for (int i = 0; s->stacks[i].bytes; i++)
		if (s->stacks[i].bytes >= bytes)
			return &s->stacks[i];
	CHECK(!"a size for that");
	return NULL;
}

__attribute__((constructor)) static void early(void)
{
	garn_stats s;
	garn_read_stats(&s);
	CHECK_EQ(s.goroutines, 0);
	CHECK_STR(s.guards, "none"); // yet
}

int main(void)
{
	garn_stats before, s;
	struct garn_stack_stats *big;
	garn_read_stats(&before);
	CHECK_EQ(before.goroutines, 1);
	CHECK(before.guards && before.threads > 0);
	garn_waitgroup_add(&wg, 2 * N);
	garn_waitgroup_add(&parked, 2 * N);
	for (int i = 0; i < N; i++) {
		go(parks);
		go_with((garn_attr){ .stack = 400 << 10 }, parks);
	}
	garn_waitgroup_wait(&parked);
	garn_read_stats(&s);
	CHECK_EQ(s.goroutines, 1 + 2 * N);
	big = sized(&s, 400 << 10);
	CHECK_EQ(big->bytes, (512 - 64) << 10);
	CHECK_EQ(big->in_use, N);
	CHECK(big->most >= N && big->reserved >= N);
	CHECK(sized(&s, 192 << 10)->in_use >= N);
	for (int i = 0; i < 2 * N; i++)
		garn_sem_release(&gate);
	garn_waitgroup_wait(&wg);
	do {
		garn_sleep(GARN_MS(50));
		garn_read_stats(&s);
	} while (big->in_use > 0 || big->given_back < N - 64);
	CHECK(big->kept < N);

	CHECK_EQ(pipe(end), 0);
	garn_waitgroup_add(&wg, SLEEPERS);
	for (int i = 0; i < SLEEPERS; i++)
		go(sleeps);
	do {
		garn_sleep(GARN_MS(1));
		garn_read_stats(&s);
	} while (s.threads_asleep < SLEEPERS - garn_gomaxprocs(0)); // who keeps a processor that nobody wants is none
	CHECK(s.retakes > before.retakes);
	CHECK_EQ(close(end[1]), 0);
	garn_waitgroup_wait(&wg);
	do {
		garn_sleep(GARN_MS(1));
		garn_read_stats(&s);
	} while (s.threads_asleep + s.threads_computing > 0);
	return 0;
}
