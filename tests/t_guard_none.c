// The last of three kinds of guards: none. When the kernel refuses markers and vm.max_map_count leaves no more protected pages, more
// goroutines than that are there all the same, what they need mappings for (memory, threads) can be had, and it is
// said once on standard error. When their stacks have gone back, the next ones are guarded again.
// PROCS: 2
// TIMEOUT: 120
// SAN: no-address no-thread no-hard (tens of thousands of stacks; HARD has each of them filled)
#include "t_self.h"

#include "t_guard.h"
#include <pthread.h>
#include <sys/mman.h>

static garn_waitgroup up, down;
static long kinds[128];
static chan(int) gate;

static void parks(bool look)
{
	if (look)
		__atomic_fetch_add(&kinds[(int)t_guardkind()], 1, __ATOMIC_RELAXED);
	garn_waitgroup_done(&up);
	chan_recv(gate);
	garn_waitgroup_done(&down);
}

static void start(long n, bool look)
{
	garn_waitgroup_add(&up, (int)n);
	garn_waitgroup_add(&down, (int)n);
	for (long i = 0; i < n; i++)
		go(parks, look);
	garn_waitgroup_wait(&up);
}

static void end(void)
{
	chan_close(gate);
	garn_waitgroup_wait(&down);
	chan_unref(gate);
	gate = chan_make(int, 0);
}

static void *thread(void *arg)
{
	return arg;
}

static int child(long mappings)
{
	gate = chan_make(int, 0);
	start(20, true);
	CHECK_EQ(kinds['p'], 20);
	start(mappings / 2 + 3000, false); // more than two mappings each would leave
	start(20, true);
	CHECK_EQ(kinds['n'], 20);
	char *p = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	for (int i = 1; i < 200; i += 2)
		CHECK_EQ(mprotect(p + i * 4096, 4096, PROT_READ), 0);
	pthread_t t;
	CHECK_EQ(pthread_create(&t, NULL, thread, NULL), 0);
	pthread_join(t, NULL);
	end();

	// Which is done a second or more after they have ended.
	for (int64_t until = t_now() + GARN_S(60), pause = GARN_S(2);; pause *= 2) {
		garn_sleep(pause); // who looks too often keeps them in use
		kinds['p'] = 0;
		start(20, true);
		end();
		if (kinds['p'] == 20)
			return 0;
		CHECK(t_now() < until);
	}
}

int main(int argc, char **argv)
{
	char out[4096];
	long mappings = 0;
	FILE *f = fopen("/proc/sys/vm/max_map_count", "r");
	CHECK(f && fscanf(f, "%ld", &mappings) == 1);
	fclose(f);
	if (mappings > 300000)
		SKIP("vm.max_map_count is over 300,000: it would take more memory than this is worth");
	if (argc > 1)
		return child(mappings);
	(void)argv;
	int status = t_self("child", (const char *[]){ "GARN_FAIL=guard:1+", NULL }, out, sizeof out);
	if (status != 0)
		fprintf(stderr, "%s\n", out);
	CHECK_EQ(status, 0);
	char *said = strstr(out, "garn: stacks are no longer guarded: ");
	CHECK(said == out);
	CHECK(strchr(said, '\n') == said + strlen(said) - 1); // one line

	// And when mprotect is refused from the beginning.
	status = t_self("child", (const char *[]){ "GARN_FAIL=guard:1+,protect:1+", NULL }, out, sizeof out);
	CHECK_EQ(status, 1); // the guards that it looks for first are not there
	CHECK(strstr(out, "no longer guarded") && strstr(out, "kinds['p']"));
	return 0;
}
