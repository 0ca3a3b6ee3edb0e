// Goroutines on several threads that overflow in the same moment, some hit by a bad pointer then: one report, whole, of one of them;
// and the death that this one means.
// SAN: no-address no-thread (the sanitizer has these signals)
// TIMEOUT: 120
#include "t_self.h"

#include "t_brink.h"
#include <sched.h>

enum { N = 4 };

static uint32_t there;
static int *bad = (int *)8;

static void together(void *arg)
{
	__atomic_fetch_add(&there, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&there, __ATOMIC_ACQUIRE) < N)
		sched_yield();
	if (arg)
		**(volatile int *volatile *)arg = 1;
	else
		t_recurse(1);
}

static void worker(int i)
{
	t_atbrink(2000, together, i % 4 == 3 ? &bad : NULL);
}

static int times(const char *text, const char *what)
{
	int n = 0;
	for (const char *s = text; (s = strstr(s, what)) != NULL; s++)
		n++;
	return n;
}

int main(int argc, char **argv)
{
	static char out[1 << 20];
	(void)argv;
	if (argc > 1) {
		for (int i = 0; i < N; i++)
			go(worker, i);
		garn_sleep(GARN_S(20));
		return 0;
	}
	for (int i = 0; i < T_SCALED(10); i++) {
		int status = t_self("child", NULL, out, sizeof out);
		int overs = times(out, "fatal error: stack overflow\n");
		if (status != (overs ? 2 : 139))
			fprintf(stderr, "status %d:\n%s\n", status, out);
		CHECK_EQ(status, overs ? 2 : 139);
		CHECK_EQ(overs, times(out, "runtime: goroutine stack exceeds 196608-byte limit\n"));
		CHECK_EQ(times(out, "fatal error: "), 1);
		CHECK_EQ(times(out, "[running]:\n"), 1);
		CHECK_EQ(times(out, "frames elided...\n"), 1);
		CHECK_EQ(times(out, "created by main"), 1);
		CHECK(strncmp(out, overs ? "runtime: " : "fatal error: unexpected signal SIGSEGV", overs ? 9 : 38) == 0);
	}
	return 0;
}
