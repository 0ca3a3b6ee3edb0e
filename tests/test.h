// What every test may use. A test is a program: status 0 passed, 77 skipped, anything else failed.
#ifndef TEST_H
#define TEST_H

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Sizes are divided by this: 1 in a plain build, more where everything is slower (sanitizers, HARD).
#ifndef T_SCALE
#define T_SCALE 1
#endif
#define T_SCALED(n) ((n) / T_SCALE > 0 ? (n) / T_SCALE : 1)

// Ends the process at once, without atexit handlers: other goroutines may be in any state.
__attribute__((noreturn, unused)) static void t_die(int status)
{
	fflush(stdout);
	fflush(stderr);
	_exit(status);
}

__attribute__((unused)) static void t_check(int ok, const char *file, int line, const char *expr)
{
	if (ok)
		return;
	fprintf(stderr, "%s:%d: check failed: %s\n", file, line, expr);
	t_die(1);
}

__attribute__((unused)) static void t_check_eq(long long a, long long b, const char *file, int line, const char *expr)
{
	if (a == b)
		return;
	fprintf(stderr, "%s:%d: check failed: %s: %lld (%#llx) and %lld (%#llx)\n", file, line, expr,
		a, (unsigned long long)a, b, (unsigned long long)b);
	t_die(1);
}

__attribute__((unused)) static void t_check_str(const char *a, const char *b, const char *file, int line, const char *expr)
{
	if (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0))
		return;
	fprintf(stderr, "%s:%d: check failed: %s: \"%s\" and \"%s\"\n", file, line, expr,
		a != NULL ? a : "(null)", b != NULL ? b : "(null)");
	t_die(1);
}

// From here on malloc opens nothing: glibc's, at its ninth arena, looks once how many CPUs there are.
__attribute__((unused)) static void t_quietmalloc(void)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 8); // sanitizers' malloc refuses, and has no arenas
#endif
}

#define CHECK(cond) t_check((cond) ? 1 : 0, __FILE__, __LINE__, #cond)
#define CHECK_EQ(a, b) t_check_eq((long long)(a), (long long)(b), __FILE__, __LINE__, #a " == " #b)
#define CHECK_STR(a, b) t_check_str((a), (b), __FILE__, __LINE__, #a " == " #b)
#define SKIP(why) (printf("skip: %s\n", (why)), t_die(77))

// Nanoseconds on the monotonic clock; not garn_now, which is itself under test.
__attribute__((unused)) static int64_t t_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

// The seed of this run, printed so that GARN_SEED=N repeats it.
__attribute__((unused)) static uint64_t t_seed(void)
{
	static uint64_t seed;
	if (seed == 0) {
		const char *env = getenv("GARN_SEED");
		if (env != NULL && *env != '\0')
			seed = strtoull(env, NULL, 0);
		else
			seed = ((uint64_t)t_now() ^ (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid() << 40) % 1000000007;
		if (seed == 0)
			seed = 1;
		printf("seed %llu\n", (unsigned long long)seed);
		fflush(stdout);
	}
	return seed;
}

// A small generator (xorshift64*); each goroutine or thread has its own.
struct t_rng {
	uint64_t x;
};

__attribute__((unused)) static uint64_t t_rand(struct t_rng *r)
{
	r->x ^= r->x >> 12;
	r->x ^= r->x << 25;
	r->x ^= r->x >> 27;
	return r->x * UINT64_C(0x2545f4914f6cdd1d);
}

// A generator for stream number n of a seed: different streams do not follow one another.
__attribute__((unused)) static struct t_rng t_rng(uint64_t seed, uint64_t n)
{
	struct t_rng r;
	uint64_t z = seed + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	r.x = (z ^ z >> 31) | 1;
	return r;
}

// A number from 0 to n - 1.
__attribute__((unused)) static uint64_t t_below(struct t_rng *r, uint64_t n)
{
	return (t_rand(r) >> 11) % n;
}

// How long a stress test is to run, in nanoseconds: GARN_STRESS_SECONDS, or one second.
__attribute__((unused)) static int64_t t_stress_time(void)
{
	const char *env = getenv("GARN_STRESS_SECONDS");
	double s = env != NULL && *env != '\0' ? strtod(env, NULL) : 1;
	return (int64_t)(s * 1e9);
}

#endif
