// go, and go_with (-DWITH), with every kind of prototype: the goroutine gets what a plain call would have passed. Each function checks its
// arguments by itself; main counts that each ran once.
// FLAGS: -O0 -Wno-psabi
// FLAGS: -O1 -Wno-psabi
// FLAGS: -O2 -Wno-psabi
// FLAGS: -O3 -march=native -Wno-psabi
// FLAGS: -Os -Wno-psabi
// FLAGS: -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=3 -Wno-psabi
// FLAGS: -O2 -fPIE -pie -fno-plt -Wno-psabi
// FLAGS: -O2 -fno-pie -no-pie -fomit-frame-pointer -Wno-psabi
// FLAGS: -O0 -fno-omit-frame-pointer -fstack-protector-all -Wno-psabi
// FLAGS: -O0 -DWITH -Wno-psabi
// FLAGS: -O2 -DWITH -Wno-psabi
// FLAGS: -O3 -DWITH -march=native -Wno-psabi
#include "test.h"

#include <complex.h>
#include <garn.h>
#include <stdarg.h>

static garn_waitgroup wg;
static uint32_t ran;

#ifdef WITH
enum { USABLE = 1 << 20 };
#define GO(...) go_with(garn_attr(.stack = USABLE, .name = "with"), __VA_ARGS__)
#else
enum { USABLE = 0 };
#define GO(...) go(__VA_ARGS__)
#endif

static void done(void)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	CHECK((char *)hi - (char *)lo >= USABLE);
	__atomic_fetch_add(&ran, 1, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

// Goroutines of one RUN are waited for before the next, in groups: several are under way at a time.
static uint32_t started;
#define RUN(...) (started++, garn_waitgroup_add(&wg, 1), __extension__({ GO(__VA_ARGS__); }))

static void settle(void)
{
	garn_waitgroup_wait(&wg);
	CHECK_EQ(__atomic_load_n(&ran, __ATOMIC_RELAXED), started);
}

#define B(n, s) ((uint8_t)((n) * 37u + (s) * 11u + 1u))
static void fill(void *p, size_t n, unsigned s)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = B(i, s);
}
static int filled(const void *p, size_t n, unsigned s)
{
	for (size_t i = 0; i < n; i++)
		if (((const uint8_t *)p)[i] != B(i, s))
			return 0;
	return 1;
}

// ---- integers ----

static void none(void) { done(); }
static void c1(char a, signed char b, unsigned char c)
{
	CHECK(a == 'x' && b == -5 && c == 250);
	done();
}
static void s1(short a, unsigned short b, _Bool c)
{
	CHECK(a == -300 && b == 65000 && c == 1);
	done();
}
static void i1(int a, unsigned b, long c, unsigned long d, long long e, unsigned long long f)
{
	CHECK(a == -7 && b == 4000000000u && c == -8 && d == ~0ul && e == -9 && f == ~0ull - 1);
	done();
}
static void i8(int a, int b, int c, int d, int e, int f, int g, int h)
{
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8);
	done();
}
static void i16(long a, char b, short c, int d, long e, char f, short g, int h, long i, char j, short k, int l, long m, char n, short o, int p)
{
	CHECK(a == -1 && b == 2 && c == -3 && d == 4 && e == -5 && f == 6 && g == -7 && h == 8);
	CHECK(i == -9 && j == 10 && k == -11 && l == 12 && m == -13 && n == 14 && o == -15 && p == 16);
	done();
}
static void i128(__int128 a, int b, unsigned __int128 c, int d, int e, __int128 f)
{
	CHECK(a == -((__int128)3 << 70) && b == 1 && c == ~(unsigned __int128)5 && d == 2 && e == 3 && f == (__int128)7 << 100);
	done();
}
// One register is left: the 16 bytes go to the stack whole, and what follows takes the register.
static void i128split(long a, long b, long c, long d, long e, __int128 f, long g)
{
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == (__int128)6 << 64 && g == 7);
	done();
}
enum small { SMALL = -3 };
static void e1(enum small a, int b)
{
	CHECK(a == SMALL && b == 5);
	done();
}

static void integers(void)
{
	char c = 'x';
	short s = -300;
	unsigned char uc = 250;
	int i = -7, wide = 251, *ip = &i;
	double frac = 5.9;
	float fracf = 5.9f;
	struct { int f : 5; unsigned g : 20; } bits = { -7, 1000000 };
	RUN(none);
	RUN(c1, c, -5, uc);
	RUN(c1, 120L, wide, frac + 245);          // narrowed and converted as in a plain call
	RUN(s1, s, 65000, ip);                // pointer to bool
	RUN(s1, -300LL, -536, frac);
	RUN(i1, i, 4000000000, i - 1, -1, i - 2, -2);
	RUN(i1, bits.f, -294967296, bits.f - 1, ~0, -9, -2LL);
	RUN(i8, 1, 2, 3, 4, 5, 6, 7, 8);
	RUN(i8, frac - 4, 2, 3L, '\4', fracf, 6ull, (short)7, (_Bool)1 + 7);
	RUN(i16, -1, 2, -3, 4, -5, 6, -7, 8, -9, 10, -11, 12, -13, 14, -15, 16);
	RUN(i128, -((__int128)3 << 70), 1, -6, 2, 3, (__int128)7 << 100);
	RUN(i128split, 1, 2, 3, 4, 5, (__int128)6 << 64, 7);
	RUN(e1, SMALL, 5);
	RUN(e1, i + 4, 5);
	settle();
}

// ---- floating point ----

static void f1(float a, double b, long double c)
{
	CHECK(a == 1.5f && b == 2.5 && c == 3.5L);
	done();
}
static void f1int(float a, double b, long double c)
{
	CHECK(a == 1 && b == 2 && c == 3);
	done();
}
static void d10(double a, double b, double c, double d, double e, double f, double g, double h, double i, double j)
{
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8 && i == 9 && j == 10);
	done();
}
static void f12(float a, float b, float c, float d, float e, float f, float g, float h, float i, float j, float k, float l)
{
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8 && i == 9 && j == 10 && k == 11 && l == 12);
	done();
}
static void ld5(long double a, int b, long double c, long double d, double e, long double f, long double g)
{
	CHECK(a == 1 && b == 2 && c == 1 / 3.0L && d == -4 && e == 5 && f == 6 && g == 1e4000L);
	done();
}
static void cx(double complex a, float complex b, double complex c, double complex d, double complex e, float complex f)
{
	CHECK(a == 1 + 2 * I && b == 3 - 4 * I && c == 5 && d == 7 * I && e == 8 + 9 * I && f == -1 * I);
	done();
}
static void cxld(long double complex a, int b, long double complex c)
{
	CHECK(creall(a) == 1 && cimagl(a) == -2 && b == 3 && creall(c) == 4 && cimagl(c) == 0);
	done();
}

static void floats(void)
{
	float f = 1.5f;
	double d = 2.5;
	RUN(f1, f, d, 3.5);
	RUN(f1, 1.5L, 2.5f, 3.5f);
	RUN(f1, d - 1, f + 1, d + f - .5);
	RUN(f1int, 1, 2, 3);
	RUN(f1int, '\1', 2u, 3ll);
	RUN(f1int, (_Bool)5, (short)2, (unsigned char)3);
	RUN(d10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	RUN(d10, 1.f, 2., 3.l, 4, 5u, '\6', 7ll, (char)8, (__int128)9, 10.f);
	RUN(f12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
	RUN(f12, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.);
	RUN(ld5, 1, 2, 1 / 3.0L, -4.f, 5, 6u, 1e4000L);
	RUN(cx, 1 + 2 * I, 3 - 4 * I, 5, 7 * I, 8 + 9 * I, -1 * I);
	RUN(cxld, 1 - 2 * I, 3, 4);
	settle();
}

static void mix(int a, double b, long c, float d, char e, double f, short g, long double h, int i, double j, int k, double l, int m, double n,
		int o, double p, int q, double r)
{
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8 && i == 9 && j == 10 && k == 11);
	CHECK(l == 12 && m == 13 && n == 14 && o == 15 && p == 16 && q == 17 && r == 18);
	done();
}
static void stackmix(long a, long b, long c, long d, long e, long f, char g, float h, short i, long double j, char k, __int128 l, char m)
{
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == -7 && h == 8 && i == -9 && j == 10 && k == -11);
	CHECK(l == -12 && m == -13);
	done();
}

static void mixes(void)
{
	RUN(mix, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18);
	RUN(mix, 1., 2.f, 3., 4., 5., 6, 7., 8., 9., 10u, 11., 12u, 13., 14u, 15., 16u, 17., 18u);
	RUN(stackmix, 1, 2, 3, 4, 5, 6, -7, 8, -9, 10, -11, -12, -13);
	settle();
}

// ---- structs by value ----

#define BYTES(n)                                                \
	struct b##n {                                           \
		uint8_t v[n];                                   \
	};                                                      \
	static void fb##n(int before, struct b##n x, int after) \
	{                                                       \
		CHECK_EQ(before, n);                            \
		CHECK(filled(x.v, n, 1));                       \
		CHECK_EQ(after, n + 1);                         \
		done();                                         \
	}
BYTES(1) BYTES(2) BYTES(3) BYTES(4) BYTES(5) BYTES(6) BYTES(7) BYTES(8) BYTES(9) BYTES(12) BYTES(15) BYTES(16) BYTES(17)
BYTES(24) BYTES(31) BYTES(32) BYTES(33) BYTES(63) BYTES(64) BYTES(65) BYTES(100) BYTES(127) BYTES(128) BYTES(129) BYTES(200) BYTES(240)

#define RUNBYTES(n)                                                 \
	do {                                                        \
		struct b##n x;                                      \
		fill(&x, n, 1);                                     \
		RUN(fb##n, n, x, n + 1);                            \
		fill(&x, n, 2); /* a copy was made */               \
	} while (0)

struct dd { double x, y; };
struct ff { float x, y, z; };
struct id { int i; double d; };
struct di { double d; long i; };
struct fi { float f; int i; };
struct ld1 { long double x; };
struct ldi { long double x; int i; };
struct deep { struct { short s; union { int i; float f; } u; } in; char c; };
struct emptyarray { int n; char c[]; };
union un { long i; double d; char c[12]; };
struct packed { char c; long l; double d; } __attribute__((packed));
struct aligned { char c; } __attribute__((aligned(16)));
struct aligned32 { char c[40]; } __attribute__((aligned(32)));
struct aligned64 { char c[64]; } __attribute__((aligned(64)));
struct b256 { uint8_t v[256]; };
struct bits { unsigned a : 3, b : 13; long c : 40; };
typedef float v4f __attribute__((vector_size(16)));
typedef int v2i __attribute__((vector_size(8)));

static void sdd(struct dd a, struct ff b, struct dd c, struct dd d, struct dd e)
{
	CHECK(a.x == 1 && a.y == 2 && b.x == 3 && b.y == 4 && b.z == 5 && c.x == 6 && c.y == 7 && d.x == 8 && d.y == 9 && e.x == 10 && e.y == 11);
	done();
}
static void sid(struct id a, struct di b, struct fi c, struct id d, int e, double f, struct di g)
{
	CHECK(a.i == 1 && a.d == 2 && b.d == 3 && b.i == 4 && c.f == 5 && c.i == 6 && d.i == 7 && d.d == 8 && e == 9 && f == 10);
	CHECK(g.d == 11 && g.i == 12);
	done();
}
static void sld(struct ld1 a, struct ldi b, long double c, struct ld1 d)
{
	CHECK(a.x == 1 && b.x == 2 && b.i == 3 && c == 4 && d.x == 5);
	done();
}
static void sodd(struct deep a, union un b, struct packed c, struct bits d, struct emptyarray e)
{
	CHECK(a.in.s == 1 && a.in.u.f == 2 && a.c == 3 && b.c[11] == 4 && b.d == 5 && c.c == 6 && c.l == 7 && c.d == 8);
	CHECK(d.a == 5 && d.b == 8000 && d.c == -9 && e.n == 10);
	done();
}
static void salign(char x, struct aligned a, int y, struct aligned32 b, int z, struct aligned64 c)
{
	CHECK_EQ((uintptr_t)&a % 16, 0);
	CHECK_EQ((uintptr_t)&b % 32, 0);
	CHECK_EQ((uintptr_t)&c % 64, 0);
	CHECK(x == 1 && a.c == 2 && y == 3 && b.c[39] == 4 && z == 5 && c.c[63] == 6);
	done();
}
static void s256(struct b256 a)
{
	CHECK(filled(a.v, 256, 3));
	done();
}
// 16 bytes that fit no more into the registers left go to the stack whole.
static void srest(long a, long b, long c, long d, long e, struct b16 x, long f, struct b16 y)
{
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && filled(x.v, 16, 1) && filled(y.v, 16, 2));
	done();
}
static void vec(v4f a, v2i b, int c, v4f d)
{
	CHECK(a[0] == 1 && a[3] == 4 && b[0] == 5 && b[1] == 6 && c == 7 && d[0] == 8 && d[3] == 11);
	done();
}

static void structs(void)
{
	RUNBYTES(1); RUNBYTES(2); RUNBYTES(3); RUNBYTES(4); RUNBYTES(5); RUNBYTES(6); RUNBYTES(7); RUNBYTES(8); RUNBYTES(9);
	RUNBYTES(12); RUNBYTES(15); RUNBYTES(16); RUNBYTES(17); RUNBYTES(24); RUNBYTES(31); RUNBYTES(32); RUNBYTES(33);
	RUNBYTES(63); RUNBYTES(64); RUNBYTES(65); RUNBYTES(100); RUNBYTES(127); RUNBYTES(128); RUNBYTES(129); RUNBYTES(200);
	RUNBYTES(240);
	struct dd dd = { 1, 2 };
	RUN(sdd, dd, ((struct ff){ 3, 4, 5 }), ((struct dd){ 6, 7 }), ((struct dd){ 8, 9 }), ((struct dd){ 10, 11 }));
	RUN(sid, ((struct id){ 1, 2 }), ((struct di){ 3, 4 }), ((struct fi){ 5, 6 }), ((struct id){ 7, 8 }), 9, 10, ((struct di){ 11, 12 }));
	RUN(sld, ((struct ld1){ 1 }), ((struct ldi){ 2, 3 }), 4, ((struct ld1){ 5 }));
	struct deep deep = { .in = { .s = 1, .u = { .f = 2 } }, .c = 3 };
	union un un = { .c = { 0 } };
	un.d = 5;
	un.c[11] = 4;
	struct packed packed = { 6, 7, 8 };
	struct bits bits = { 5, 8000, -9 };
	struct emptyarray ea = { .n = 10 };
	RUN(sodd, deep, un, packed, bits, ea);
	struct aligned al = { 2 };
	struct aligned32 a32 = { .c = { [39] = 4 } };
	struct aligned64 a64 = { .c = { [63] = 6 } };
	RUN(salign, 1, al, 3, a32, 5, a64);
	struct b256 b256;
	fill(&b256, 256, 3);
	RUN(s256, b256);
	struct b16 x, y;
	fill(&x, 16, 1);
	fill(&y, 16, 2);
	RUN(srest, 1, 2, 3, 4, 5, x, 6, y);
	RUN(vec, ((v4f){ 1, 2, 3, 4 }), ((v2i){ 5, 6 }), 7, ((v4f){ 8, 9, 10, 11 }));
	settle();
}

// ---- pointers ----

static int twice(int x) { return 2 * x; }
static void ptrs(int *a, const void *b, int (*f)(int), const char *s, int m[2][3], int v[static 2], void (*g)(void))
{
	CHECK(*a == 1 && b == a && f(3) == 6 && m[1][2] == 6 && v[1] == 8);
	CHECK_STR(s, "literal");
	CHECK(g == none);
	done();
}
static void nulls(int *a, void (*f)(void), const char *s)
{
	CHECK(!a && !f && !s);
	done();
}

static void pointers(void)
{
	static int one = 1, m[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } }, v[2] = { 7, 8 };
	RUN(ptrs, &one, &one, twice, "literal", m, v, none);
	RUN(ptrs, &one, &one, &twice, &"literal"[0], m, &v[0], &none);
	RUN(nulls, NULL, NULL, NULL);
	RUN(nulls, 0, 0, 0);
	settle();
}

// ---- without a full prototype ----

static void variadic(int n, ...)
{
	va_list ap;
	va_start(ap, n);
	CHECK_EQ(va_arg(ap, int), 'c');
	CHECK(va_arg(ap, double) == 1.5); // a float, promoted
	CHECK_EQ(va_arg(ap, long), -2);
	CHECK(va_arg(ap, double) == 3.5);
	CHECK_STR(va_arg(ap, const char *), "text");
	CHECK(va_arg(ap, long double) == 4.5L);
	struct di s = va_arg(ap, struct di);
	CHECK(s.d == 5.5 && s.i == 6);
	struct b24 b = va_arg(ap, struct b24);
	CHECK(filled(b.v, 24, 1));
	CHECK_EQ(va_arg(ap, int), -1);
	va_end(ap);
	done();
}
static void doubles(int n, ...)
{
	va_list ap;
	va_start(ap, n);
	for (int i = 0; i < n; i++)
		CHECK(va_arg(ap, double) == i + .5);
	va_end(ap);
	done();
}
static void print(char *to, const char *fmt, ...)
{
	char text[100];
	va_list ap;
	(void)to;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	CHECK_STR(text, fmt[1] == 'd' ? "1 2.50 three 4.500000 c" : "1 2.50 thre c");
	done();
}

#if __STDC_VERSION__ < 202311L
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wold-style-definition"
#pragma GCC diagnostic ignored "-Wdeprecated-non-prototype"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
static void unprototyped(); /* promoted: float to double, char to int */
static void unprototyped(a, b, c, d)
	int a;
	double b;
	long c;
	struct b24 d;
{
	CHECK(a == 'c' && b == 1.5 && c == -3 && filled(d.v, 24, 1));
	done();
}
#endif

static void others(void)
{
	struct b24 b;
	struct di di = { 5.5, 6 };
	float f = 1.5f;
	char c = 'c';
	fill(&b, 24, 1);
	RUN(variadic, 9, c, f, -2L, 3.5, "text", 4.5L, di, b, -1);
	RUN(doubles, 3, .5, 1.5f, 2.5);
	RUN(doubles, 12, .5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5);
	RUN(doubles, 0);
	char buf[1];
	RUN(print, buf, "%d %.2f %s %f %c", 1, 2.5, "three", 4.5f, 'c');
	RUN(print, buf, "%s %.4s %s", "1 2.50", "three", "c"); // pointers only
#if __STDC_VERSION__ < 202311L
	RUN(unprototyped, c, f, -3L, b);
#endif
	settle();
}

// ---- what go takes for a function ----

static void (*volatile fnvar)(int, double);
static void takes(int a, double b)
{
	CHECK(a == 1 && b == 2);
	done();
}
struct ops {
	void (*call)(int, double);
};
static void (*choose(void))(int, double) { return takes; }
typedef void fntype(int, double);

static void pointersto(fntype param, const struct ops *ops)
{
	void (*local)(int, double) = takes;
	void (*const table[2])(int, double) = { takes, takes };
	fntype *t = takes;
	fnvar = takes;
	RUN(takes, 1, 2);
	RUN(&takes, 1, 2);
	RUN(*takes, 1, 2);
	RUN(local, 1, 2);
	RUN(*local, 1, 2);
	RUN(**local, 1, 2);
	RUN(fnvar, 1, 2);
	RUN(table[1], 1, 2);
	RUN(param, 1, 2);
	RUN(t, 1, 2);
	RUN(ops->call, 1, 2);
	RUN((*ops).call, 1, 2);
	RUN(choose(), 1, 2);
	RUN(started % 2 ? takes : local, 1, 2);
	RUN((void (*)(int, double))(void (*)(void))takes, 1, 2);
	settle();
}

int main(void)
{
	struct ops ops = { takes };
	for (int i = 0; i < (T_SCALE > 1 ? 2 : 5); i++) {
		integers();
		floats();
		mixes();
		structs();
		pointers();
		others();
		pointersto(takes, &ops);
	}
	return 0;
}
