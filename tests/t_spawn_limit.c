// Near the limit of 256 bytes: what go accepts, arrives. Padding between arguments, and conversions to wider types, take
// room on the stack that the arguments' own sizes do not show.
// FLAGS: -O2 -Wno-psabi
// FLAGS: -O0 -Wno-psabi
#include "test.h"

#include <complex.h>
#include <garn.h>

typedef long double ld;
typedef long double complex cld;
static garn_waitgroup wg;

struct s24 { long v[3]; };
struct s8a { char c; } __attribute__((aligned(16)));
struct s200 { long v[25]; };

static void longs(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k, long l, long m, long n, long o, long p,
		  long q, long r, long s, long t, long u, long v, long w, long x, long y, long z, long A, long B, long C, long D, long E, long F)
{
	long all[] = { a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F };
	for (int at = 0; at < 32; at++)
		CHECK_EQ(all[at], at + 1);
	garn_waitgroup_done(&wg);
}

static void lds16(ld a, ld b, ld c, ld d, ld e, ld f, ld g, ld h, ld i, ld j, ld k, ld l, ld m, ld n, ld o, ld p)
{
	ld all[] = { a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p };
	for (int at = 0; at < 16; at++)
		CHECK(all[at] == at + 1);
	garn_waitgroup_done(&wg);
}

// 24 bytes and then 16 aligned to 16: 8 are lost between them.
static void padded(struct s24 a, ld b, struct s24 c, ld d, struct s24 e, ld f, struct s24 g, ld h, struct s24 i, ld j)
{
	CHECK(a.v[2] == 1 && c.v[2] == 1 && e.v[2] == 1 && g.v[2] == 1 && i.v[2] == 1);
	CHECK(b == 1 && d == 2 && f == 3 && h == 4 && j == 5);
	garn_waitgroup_done(&wg);
}

static void converted(ld a, ld b, ld c, ld d, ld e, ld f, ld g, ld h, ld i, ld j, ld k, ld l)
{
	ld all[] = { a, b, c, d, e, f, g, h, i, j, k, l };
	for (int at = 0; at < 12; at++)
		CHECK(all[at] == at + 1);
	garn_waitgroup_done(&wg);
}

static void complexes(cld a, cld b, cld c, cld d, cld e, cld f, cld g, cld h)
{
	cld all[] = { a, b, c, d, e, f, g, h };
	for (int at = 0; at < 8; at++)
		CHECK(creall(all[at]) == at + 1 && cimagl(all[at]) == 0);
	garn_waitgroup_done(&wg);
}

static void padded6(struct s24 a, ld b, struct s24 c, ld d, struct s24 e, ld f, struct s24 g, ld h, struct s24 i, ld j, struct s24 k, ld l)
{
	CHECK(a.v[2] == 1 && c.v[2] == 1 && e.v[2] == 1 && g.v[2] == 1 && i.v[2] == 1 && k.v[2] == 1);
	CHECK(b == 1 && d == 2 && f == 3 && h == 4 && j == 5 && l == 6);
	garn_waitgroup_done(&wg);
}

static void converted20(ld a, ld b, ld c, ld d, ld e, ld f, ld g, ld h, ld i, ld j, ld k, ld l, ld m, ld n, ld o, ld p, ld q, ld r, ld s, ld t)
{
	ld all[] = { a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t };
	for (int at = 0; at < 20; at++)
		CHECK(all[at] == at + 1);
	garn_waitgroup_done(&wg);
}

static void complexes32(cld a, cld b, cld c, cld d, cld e, cld f, cld g, cld h, cld i, cld j, cld k, cld l, cld m, cld n, cld o, cld p,
			cld q, cld r, cld s, cld t, cld u, cld v, cld w, cld x, cld y, cld z, cld A, cld B, cld C, cld D, cld E, cld F)
{
	cld all[] = { a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F };
	for (int at = 0; at < 32; at++)
		CHECK(creall(all[at]) == at + 1 && cimagl(all[at]) == 0);
	garn_waitgroup_done(&wg);
}

// The first thing a goroutine does, with next to nothing on its stack above.
static void starter(void)
{
	go(complexes32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32);
	go(converted20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
	garn_waitgroup_done(&wg);
}

static void largest(struct s200 a, struct s24 b, ld c, struct s8a d)
{
	for (int i = 0; i < 25; i++)
		CHECK_EQ(a.v[i], i);
	CHECK(b.v[2] == 1 && c == 2 && d.c == 3);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	struct s24 s = { { 3, 2, 1 } };
	struct s200 big;
	struct s8a al = { 3 };
	for (int i = 0; i < 25; i++)
		big.v[i] = i;
	for (int i = 0; i < 20; i++) {
		garn_waitgroup_add(&wg, 20);
		go(longs, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32);
		go(lds16, 1.L, 2.L, 3.L, 4.L, 5.L, 6.L, 7.L, 8.L, 9.L, 10.L, 11.L, 12.L, 13.L, 14.L, 15.L, 16.L);
		go(padded, s, 1, s, 2, s, 3, s, 4, s, 5);
		go(padded, s, 1.L, s, 2.L, s, 3.L, s, 4.L, s, 5.L);
		go(converted, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
		go(converted, 1.f, 2., 3u, '\4', 5, 6, 7, 8, 9, 10, 11, 12);
		go(complexes, 1, 2, 3, 4, 5, 6, 7, 8);
		go(padded6, s, 1.L, s, 2.L, s, 3.L, s, 4.L, s, 5.L, s, 6.L);
		go(padded6, s, 1, s, 2, s, 3, s, 4, s, 5, s, 6);
		go(converted20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
		go(complexes32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32);
		go_with(garn_attr(.name = "20"), converted20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
		go_with(garn_attr(.stack = GARN_KB(64)), padded6, s, 1, s, 2, s, 3, s, 4, s, 5, s, 6);
		go(starter);
		go_with(garn_attr(.name = "lone"), starter);
		go(largest, big, s, 2.L, al);
		garn_waitgroup_wait(&wg);
	}
	return 0;
}
