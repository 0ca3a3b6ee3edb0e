// A function compiled with -fsplit-stack that comes to __morestack finds all its arguments: in integer and vector registers, on the
// stack, the static chain, what variadic functions have; and its caller finds its registers. Frames small and large, alloca, VLAs.
// FLAGS: -fsplit-stack
// FLAGS: -fsplit-stack -O0
// FLAGS: -fsplit-stack -O3 -fcf-protection -fomit-frame-pointer
// FLAGS: -fsplit-stack -mcmodel=large -fno-pie -no-pie -fno-omit-frame-pointer
// FLAGS: -fsplit-stack -Os
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#include "t_split.h"
#include <immintrin.h>
#include <stdarg.h>

enum { ROUNDS = T_SCALED(500) };
struct big { long v[5]; };
struct pair { double d; long l; };

#define TOUCH(p) __asm__ volatile("" : : "r"(p) : "memory")

ALONE static long ints(long a, int b, char c, short d, long e, long f)
{
	long v[2] = { a, b };
	TOUCH(v);
	return v[0] + 10 * v[1] + 100 * c + 1000 * d + 10000 * e + 100000 * f;
}

ALONE static long many(long a, long b, long c, long d, long e, long f, long g, struct big s, long h, struct pair p)
{
	long v[1] = { a };
	TOUCH(v);
	return v[0] + b + c + d + e + f + 10 * g + 100 * (s.v[0] + s.v[4]) + 1000 * h + (long)p.d + p.l;
}

ALONE static double doubles(double a, float b, double c, double d, double e, double f, double g, double h, double i, long double j, long k)
{
	double v[1] = { a };
	TOUCH(v);
	return v[0] + 2 * (double)b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + (double)(10 * j) + (double)k;
}

ALONE static struct big memory(long a, double b)
{
	struct big r = { { a, (long)b, 3, 4, 5 } };
	TOUCH(&r);
	return r;
}

ALONE static struct pair both(double d, long l)
{
	char b[300];
	TOUCH(b);
	return (struct pair){ d + 1, l + 1 };
}

ALONE static long large(long a, double d, int n)
{
	char b[20000];
	b[n] = (char)a;
	TOUCH(b);
	return b[n] + (long)d;
}

ALONE static long allocas(int n, double d, long (*fn)(long, int, char, short, long, long))
{
	long sum = 0;
	t_poison();
	for (int i = 1; i <= n; i++) {
		unsigned char *p = __builtin_alloca((size_t)(i * 100));
		memset(p, i, (size_t)(i * 100));
		t_poison();
		sum += many(1, 2, 3, 4, 5, 6, 7, (struct big){ { 1, 0, 0, 0, 2 } }, 9, (struct pair){ 1.5, 2 }) - 70 - 300 - 9000 - 24;
		sum += fn(i, 0, 0, 0, 0, 0);
		CHECK(p[0] == i && p[i * 100 - 1] == i && p[i * 50] == i);
		t_poison();
	}
	return sum + (long)d;
}

ALONE static long vlas(int n)
{
	long sum = 0;
	for (int i = 1; i <= n; i++) {
		t_poison();
		unsigned char v[i * 1000];
		memset(v, i, sizeof v);
		TOUCH(v);
		sum += v[i * 1000 - 1] == i && v[0] == i;
	}
	return sum;
}

#ifndef __clang__
ALONE static double variadic(const char *kinds, ...)
{
	double sum = 0;
	va_list ap;
	va_start(ap, kinds);
	for (; *kinds; kinds++)
		sum = 3 * sum + (*kinds == 'd' ? va_arg(ap, double) : *kinds == 'L' ? (double)va_arg(ap, long double) : (double)va_arg(ap, long));
	va_end(ap);
	return sum;
}

ALONE static long nested(long n)
{
	long k = n;
	__attribute__((noinline, noclone)) long add(long a, double b)
	{
		long v[1] = { a };
		TOUCH(v);
		return k += v[0] + (long)b;
	}
	__attribute__((noinline, noclone)) long sum(int m, ...)
	{
		va_list ap;
		long s = k;
		va_start(ap, m);
		while (m-- > 0)
			s = 3 * s + va_arg(ap, long);
		va_end(ap);
		return s;
	}
	t_poison();
	add(5, 7.5);
	t_poison();
	return sum(8, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
}
#endif

#ifdef __AVX__
#define AVX
#else
#define AVX __attribute__((target("avx")))
#endif
ALONE AVX static double wide(__m256d a, __m256d b, __m256d c)
{
	double v[4];
	_mm256_storeu_pd(v, _mm256_add_pd(_mm256_add_pd(a, b), c));
	TOUCH(v);
	return v[0] + 10 * v[1] + 100 * v[2] + 1000 * v[3];
}

AVX static double callwide(void)
{
	__m256d a = _mm256_set_pd(4, 3, 2, 1), b = _mm256_set_pd(8, 7, 6, 5), c = _mm256_set_pd(1, 1, 1, 1);
	double (*f)(__m256d, __m256d, __m256d) = wide;
	OPAQUE(f);
	t_poison();
	return f(a, b, c);
}

static int slow; // A: how often the word was right again behind the call
#define SAME(call, value)                                                    \
	do {                                                                 \
		__typeof__(call) fast_ = (call), slow_;                      \
		t_poison();                                                  \
		slow_ = (call);                                              \
		if (t_limit() != (uint64_t)T_POISON)                         \
			__atomic_add_fetch(&slow, 1, __ATOMIC_RELAXED);      \
		if (fast_ != (value) || slow_ != (value))                    \
			t_check(0, __FILE__, __LINE__, #call);               \
	} while (0)

static void one(long base)
{
	struct big s = { { base, 0, 0, 0, base + 1 } };
	struct pair p = { 2.5, 7 };
	SAME(ints(base, 2, 3, 4, 5, 6), base + 20 + 300 + 4000 + 50000 + 600000);
	SAME(many(base, 2, 3, 4, 5, 6, 7, s, 8, p), base + 20 + 70 + 100 * (2 * base + 1) + 8000 + 2 + 7);
	SAME(doubles(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, base), 1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 100 + (double)base);
	SAME(large(5, 3.5, 19000), 8);
	SAME(memory(base, 9.5).v[1], 9);
	SAME(memory(base, 9.5).v[0], base);
	SAME(both(1.5, base).d, 2.5);
	SAME(both(1.5, base).l, base + 1);
	SAME(allocas(7, 4.5, ints), 28 + 4);
	SAME(vlas(5), 5);
#ifndef __clang__
	SAME(variadic("", 1), 0);
	SAME(variadic("lldd", 1L, 2L, 3.0, 4.0), ((1 * 3 + 2) * 3 + 3) * 3 + 4);
	double v[19] = { [6] = 1, [7] = 2, [15] = 1, [16] = 2, [17] = 5, [18] = 7 }, want = 0;
	for (int i = 0; i < 19; i++)
		want = 3 * want + v[i];
	SAME(variadic("lllllllldddddddddlL", 0L, 0L, 0L, 0L, 0L, 0L, 1L, 2L, 0., 0., 0., 0., 0., 0., 0., 1., 2., 5L, 7.0L), want);
	SAME(nested(base), ((((((((base + 12) * 3 + 1) * 3 + 2) * 3 + 3) * 3 + 4) * 3 + 5) * 3 + 6) * 3 + 7) * 3 + 8);
#endif
	if (__builtin_cpu_supports("avx"))
		CHECK(callwide() == 7 + 10 * 9 + 100 * 11 + 1000 * 13);
}

static void worker(long base, chan(int) done)
{
	for (int i = 0; i < ROUNDS; i++) {
		one(base + i);
		if (i % 16 == 0)
			garn_yield();
	}
	chan_send(done, 1);
}

int main(void)
{
	chan(int) done = chan_make(int, 0);
	for (int i = 0; i < 4; i++)
		go(worker, i * 1000, done);
	for (int i = 0; i < 4; i++)
		chan_recv(done);
	CHECK(slow > 0);
	return 0;
}
