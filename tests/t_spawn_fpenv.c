// The floating-point control words are a goroutine's own: a new one has its creator's, and changes stay with it through
// every switch, on whatever thread it goes on.
// FLAGS: -O2 -frounding-math
// FLAGS: -O0 -frounding-math
// LIBS: -lm
#include "test.h"

#include <fenv.h>
#include <garn.h>
#include <pthread.h>

#if defined(__x86_64__)
#include <xmmintrin.h>

static garn_waitgroup wg;
static const int modes[4] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };

struct env {
	uint32_t mxcsr;
	uint16_t cw;
};

// The control bits; status bits are nobody's.
static struct env get(void)
{
	struct env e;
	__asm__ volatile("fnstcw %0" : "=m"(e.cw));
	e.mxcsr = _mm_getcsr() & 0xffc0;
	return e;
}

static void set(struct env e)
{
	__asm__ volatile("fldcw %0" : : "m"(e.cw));
	_mm_setcsr((_mm_getcsr() & ~0xffc0u) | e.mxcsr);
}

static void same(struct env want)
{
	struct env e = get();
	CHECK_EQ(e.mxcsr, want.mxcsr);
	CHECK_EQ(e.cw, want.cw);
}

// All exceptions masked; the mode, and some of precision control, flush-to-zero and denormals-are-zero.
static struct env some(unsigned i)
{
	struct env e;
	unsigned round = i & 3;
	static const uint16_t precision[3] = { 0x0000, 0x0200, 0x0300 };
	e.mxcsr = 0x1f80 | round << 13 | (i & 4 ? 0x8000 : 0) | (i & 8 ? 0x0040 : 0);
	e.cw = (uint16_t)0x007f | (uint16_t)(round << 10) | precision[i % 3];
	return e;
}

static void swap_(unsigned how)
{
	switch (how % 3) {
	case 0: garn_yield(); break;
	case 1: garn_sleep(GARN_US(how % 30)); break;
	default: {
		chan(int) c = chan_make(int, 1);
		chan_select(on_recv(c, NULL), on_timeout(GARN_US(5)));
		chan_unref(c);
	}
	}
}

static void child(struct env want)
{
	same(want);
	garn_yield();
	same(want);
	garn_waitgroup_done(&wg);
}

static void keeper(unsigned id)
{
	struct env mine = some(id);
	set(mine);
	for (unsigned i = 0; i < 40; i++) {
		swap_(id + i);
		same(mine);
		if (i % 10 == 5) {
			garn_waitgroup_add(&wg, 1);
			go(child, mine);
			same(mine);
		}
		if (i == 20)
			set(mine = some(id + 5));
	}
	garn_waitgroup_done(&wg);
} // and ends with them set: whoever runs there next must not see it

static void plain(struct env want)
{
	same(want);
	garn_waitgroup_done(&wg);
}

static void words(void)
{
	struct env start = get();
	unsigned n = (unsigned)T_SCALED(200);
	for (unsigned i = 0; i < n; i++) {
		garn_waitgroup_add(&wg, 2);
		go(keeper, i);
		go(plain, start);
	}
	garn_waitgroup_wait(&wg);
	same(start);
}

// What C says of it.
static void rounding(int mode)
{
	volatile double one = 1, three = 3;
	volatile float onef = 1, threef = 3;
	volatile long double onel = 1, threel = 3;
	CHECK_EQ(fesetround(mode), 0);
	double third = one / three, minus = -one / three;
	float thirdf = onef / threef;
	long double thirdl = onel / threel;
	for (unsigned i = 0; i < 30; i++) {
		swap_((unsigned)mode + i);
		CHECK_EQ(fegetround(), mode);
		CHECK(one / three == third && -one / three == minus && onef / threef == thirdf && onel / threel == thirdl);
	}
	CHECK((mode == FE_UPWARD) == (third > -minus));
	CHECK((mode == FE_DOWNWARD) == (third < -minus));
	garn_waitgroup_done(&wg);
}

static void arithmetic(void)
{
	garn_waitgroup_add(&wg, 40);
	for (int i = 0; i < 40; i++)
		go(rounding, modes[i % 4]);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(fegetround(), FE_TONEAREST);
}

static void *thread(void *arg)
{
	struct env e = some(7);
	(void)arg;
	set(e);
	garn_waitgroup_add(&wg, 1);
	go(child, e);
	chan(int) c = chan_make(int, 0);
	chan_select(on_recv(c, NULL), on_timeout(GARN_MS(1)));
	chan_unref(c);
	same(e);
	garn_waitgroup_done(&wg);
	return NULL;
}

int main(void)
{
	pthread_t t;
	struct env start = get();
	words();
	arithmetic();
	garn_waitgroup_add(&wg, 2);
	CHECK_EQ(pthread_create(&t, NULL, thread, NULL), 0);
	go(keeper, 3);
	garn_waitgroup_wait(&wg);
	pthread_join(t, NULL);
	same(start);
	return 0;
}
#else
int main(void)
{
	SKIP("control words of x86 only");
}
#endif
