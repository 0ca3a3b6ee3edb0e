// Results are discarded, whatever register they come in, and leave nothing behind: the x87 stack is empty for whoever
// runs on the thread next.
// FLAGS: -O2 -Werror -Wunused-result
// FLAGS: -O0
// FLAGS: -O3 -fomit-frame-pointer
#include "test.h"

#include <complex.h>
#include <garn.h>

static garn_waitgroup wg;

struct dd { double a, b; };
struct ld { long a; double b; };
struct dl { double a; long b; };
struct c3 { char c[3]; };
struct ll { long a, b; };
struct f4 { float f[4]; };
struct ldo { long double a; };
union u { long a; double b; };
enum e { ONE = 1 };
typedef float v4f __attribute__((vector_size(16)));
typedef int v2i __attribute__((vector_size(8)));

#define KINDS(K)                                                                                        \
	K(char, c, 1) K(signed char, sc, 1) K(short, s, 1) K(int, i, 1) K(unsigned, u, 1) K(long, l, 1) \
	K(long long, ll, 1) K(__int128, i128, 1) K(_Bool, b, 1) K(enum e, e, ONE)                       \
	K(float, f, 1) K(double, d, 1) K(long double, ld, 1)                                            \
	K(float complex, cf, 1) K(double complex, cd, 1)                                                \
	K(void *, p, &wg) K(struct dd, sdd, ((struct dd){ 1, 2 })) K(struct ld, sld, ((struct ld){ 1, 2 })) \
	K(struct dl, sdl, ((struct dl){ 1, 2 })) K(struct c3, sc3, ((struct c3){ { 1, 2, 3 } }))        \
	K(struct ll, sll, ((struct ll){ 1, 2 })) K(struct f4, sf4, ((struct f4){ { 1, 2, 3, 4 } }))     \
	K(struct ldo, sldo, ((struct ldo){ 1 })) K(union u, un, ((union u){ 1 }))                       \
	K(v4f, v4, ((v4f){ 1, 2 })) K(v2i, v2, ((v2i){ 1, 2 }))

#define DEFINE(T, nm, v)                                                   \
	__attribute__((noinline, warn_unused_result)) static T r_##nm(int n) \
	{                                                                    \
		CHECK_EQ(n, 5);                                              \
		garn_waitgroup_done(&wg);                                    \
		return v;                                                    \
	}                                                                    \
	__attribute__((noinline, warn_unused_result)) static T z_##nm(void)  \
	{                                                                    \
		garn_waitgroup_done(&wg);                                    \
		return v;                                                    \
	}
KINDS(DEFINE)

static const int *cp(void)
{
	garn_waitgroup_done(&wg);
	return NULL;
}
static void (*fp(int n))(void)
{
	CHECK_EQ(n, 5);
	garn_waitgroup_done(&wg);
	return NULL;
}
static struct incomplete *ip(void)
{
	garn_waitgroup_done(&wg);
	return NULL;
}

static void all(void)
{
#define GO(T, nm, v)                   \
	garn_waitgroup_add(&wg, 4);      \
	go(r_##nm, 5);                 \
	go(z_##nm);                    \
	go_with(garn_attr(.name = #nm), r_##nm, 5); \
	go_with(garn_attr(.name = #nm), z_##nm);
	KINDS(GO)
	garn_waitgroup_add(&wg, 3);
	go(cp);
	go(fp, 5);
	go(ip);
	garn_waitgroup_wait(&wg);
}

#if defined(__x86_64__)
// The tag word of the x87 unit: two set bits for each register that is empty.
static unsigned tags(void)
{
	struct { uint16_t control, r0, status, r1, tag, r2; uint32_t rest[4]; } env;
	__asm__ volatile("fnstenv %0\n\tfldcw %0" : "=m"(env));
	return env.tag;
}

static void look(unsigned *bad)
{
	if (tags() != 0xffff)
		__atomic_store_n(bad, 1, __ATOMIC_RELAXED);
	// eight numbers at once: one too many would come out as NaN
	double sum = 0;
	__asm__ volatile("fld1; fld1; fld1; fld1; fld1; fld1; fld1; fld1;"
			 "faddp; faddp; faddp; faddp; faddp; faddp; faddp; fstpl %0" : "=m"(sum));
	if (sum != 8)
		__atomic_store_n(bad, 1, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

// Nobody waits in between, so that they follow one another on the same thread.
static void x87(void)
{
	unsigned bad = 0;
	for (int i = 0; i < T_SCALED(200); i++) {
		garn_waitgroup_add(&wg, 40);
		for (int j = 0; j < 10; j++) {
			go(look, &bad);
			go(r_ld, 5);
			go(r_sldo, 5);
			go(look, &bad);
		}
		garn_waitgroup_wait(&wg);
		CHECK(!bad);
		CHECK_EQ(tags(), 0xffff);
	}
}
#else
static void x87(void) {}
#endif

int main(void)
{
	for (int i = 0; i < T_SCALED(20); i++)
		all();
	x87();
	return 0;
}
