// GARN_DEBUG=schedtrace=5,scheddetail=1: what sysmon prints counts the goroutines that compute or sleep without a processor, the processors
// taken for that, and the idle threads that were let go.
// ENV: GARN_DEBUG=schedtrace=5,scheddetail=1
// PROCS: 2
// TIMEOUT: 120
#include "t_retake.h"

enum { HOGS = 2, SLEEPERS = 24 };
static int from, gate[2];
static garn_waitgroup wg;

static void hog(void)
{
	while (!GET(over))
		;
	garn_waitgroup_done(&wg);
}

static void sleeper(void)
{
	char c;
	CHECK_EQ(read(gate[0], &c, 1), 0);
	garn_waitgroup_done(&wg);
}

// What is printed in one go: from SCHED up to the next one.
static const char *report(void)
{
	static char text[1 << 18];
	static size_t begin, n;
	memmove(text, text + begin, n -= begin);
	for (;;) {
		text[n] = '\0';
		char *next = n ? strstr(text + 1, "SCHED ") : NULL;
		if (next) {
			begin = (size_t)(next - text);
			next[-1] = '\0'; // the end of a line
			CHECK(strncmp(text, "SCHED ", 6) == 0);
			return text;
		}
		CHECK(n < sizeof text - 1);
		ssize_t k = garn_read(from, text + n, sizeof text - 1 - n);
		CHECK(k > 0);
		n += (size_t)k;
	}
}

static long number(const char *r, const char *name)
{
	const char *at = strstr(r, name);
	CHECK(at != NULL);
	return atol(at + strlen(name));
}

// Who was on a CPU when his processor was taken counts as one that computes, though he may sleep now.
static long strays(const char *r)
{
	return number(r, " hogs=") + number(r, " asleep=");
}

static int count(const char *r, const char *what)
{
	int n = 0;
	while ((r = strstr(r, what)) != NULL)
		n++, r++;
	return n;
}

int main(void)
{
	int p[2], ms, procs, idle, threads, spinning, asleep, queue, n = 0;
	CHECK(pipe(p) == 0 && pipe(gate) == 0);
	stderr = fdopen(dup(2), "w"); // where CHECK says why
	from = p[0];
	CHECK_EQ(dup2(p[1], 2), 2);
	garn_gomaxprocs(1);

	garn_waitgroup_add(&wg, HOGS + SLEEPERS);
	for (int i = 0; i < HOGS; i++)
		go(hog);
	const char *r = report();
	while (number(r, " hogs=") < HOGS)
		r = report();
	sscanf(r, "SCHED %dms: gomaxprocs=%d idleprocs=%d threads=%d spinningthreads=%d idlethreads=%d runqueue=%d [%n", &ms, &procs,
	       &idle, &threads, &spinning, &asleep, &queue, &n);
	CHECK(n > 0);
	CHECK_EQ(procs, 1);
	CHECK(threads >= HOGS + 2);
	CHECK(count(r, " without P: computes") >= HOGS);
	CHECK(strstr(r, "\n  P0: status=") && strstr(r, "\n  G1: status="));
	SET(over, 1);
	while (strays(r) > 0)
		r = report();
	CHECK(number(r, " retakes=") >= HOGS);

	for (int i = 0; i < SLEEPERS; i++)
		go(sleeper);
	while (number(r, " asleep=") == 0 || strays(r) < SLEEPERS)
		r = report();
	CHECK(count(r, " without P: ") >= SLEEPERS);
	CHECK(count(r, " without P: asleep") > 0);
	close(gate[1]);
	garn_waitgroup_wait(&wg);
	while (strays(r) > 0)
		r = report();
	CHECK(number(r, " retakes=") >= HOGS + SLEEPERS);
	while (number(r, " letgo=") == 0)
		r = report();
	CHECK(number(r, " idlethreads=") < HOGS + SLEEPERS);
	return 0;
}
