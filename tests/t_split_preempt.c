// Goroutines that do nothing but call functions compiled with -fsplit-stack give turns to others, with no thread allowed to compute without a
// processor: it is the function's prologue that gives it up, as the statistics say. What they compute stays right, errno as well.
// FLAGS: -fsplit-stack
// FLAGS: -fsplit-stack -O0
// ENV: GARN_MAXHOGS=0 GARN_DEBUG=schedtrace=5
// PROCS: 1 2
// TIMEOUT: 120
#include "t_retake.h"
#include "t_split.h"
#include <stdarg.h>

enum { HOGS = 3 };
static uint64_t rounds;
static int from;
static garn_waitgroup wg;

ALONE static double mix(long a, long b, long c, double d, double e, long double f, long g, long h, long i, long j, double k, double l)
{
	char pad[300];
	__asm__ volatile("" : : "r"(pad) : "memory");
	return (double)(a + 2 * b + 3 * c + 4 * g + 5 * h + 6 * i + 7 * j) + d + 2 * e + (double)(3 * f) + 4 * k + 5 * l;
}

#ifndef __clang__
ALONE static double sum(int n, ...)
{
	double s = 0;
	va_list ap;
	va_start(ap, n);
	while (n-- > 0)
		s += va_arg(ap, double);
	va_end(ap);
	return s;
}
#endif

static void hog(int me)
{
	uint64_t n = 0;
	errno = 1000 + me;
	for (long i = 0; !GET(over); i++, n++) {
		CHECK(mix(i, 2, 3, me, 5, 6, 7, 8, i, 10, 11, 12) == (double)(i + 4 + 9 + 28 + 40 + 6 * i + 70 + me + 10 + 18 + 44 + 60));
#ifndef __clang__
		CHECK(sum(10, 1., 2., 3., 4., 5., 6., 7., 8., 9., (double)i) == (double)(45 + i));
#endif
		CHECK_EQ(errno, 1000 + me);
	}
	ADD(rounds, n);
	garn_waitgroup_done(&wg);
}

// The last number of that name in what sysmon has printed so far.
static long preempts(void)
{
	static char text[1 << 16];
	static size_t n;
	long last = -1;
	ssize_t k = garn_read(from, text + n, sizeof text - 1 - n);
	CHECK(k > 0);
	n += (size_t)k;
	text[n] = '\0';
	for (const char *at = text; (at = strstr(at, "splitpreempts=")) && strchr(at, '\n');)
		last = atol(at += strlen("splitpreempts="));
	if (n > sizeof text / 2) {
		memmove(text, text + n / 2, n - n / 2);
		n -= n / 2;
	}
	return last;
}

int main(void)
{
	int fd[2], say = dup(2);
	CHECK(pipe(fd) == 0 && dup2(fd[1], 2) == 2);
	stderr = fdopen(say, "w"); // where CHECK says why
	from = fd[0];
	garn_waitgroup_add(&wg, HOGS);
	for (int i = 0; i < HOGS; i++)
		go(hog, i);
	go(t_ticking);
	t_ticks(T_SCALED(20));
	while (preempts() < T_SCALED(20))
		;
	SET(over, 1);
	garn_waitgroup_wait(&wg);
	CHECK(GET(rounds) > 0);
	return 0;
}
