// Recursion down to the limit and back, in frames of all sizes; with functions compiled without -fsplit-stack, and libc's qsort and printf, in
// between; every frame that fits is there, and found as it was left. The last frames reach to the last byte that may be had.
// FLAGS: -fsplit-stack
// FLAGS: -fsplit-stack -O0
// ENV: GARN_STACK=1M
#include "t_exact.h"

enum { GOROUTINES = 6, ROUNDS = T_SCALED(200), LEAVE = 48 << 10 };

static uintptr_t lowest(void)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	return (uintptr_t)lo;
}

static long down(long n, uintptr_t lo, struct t_rng *r);

__attribute__((noinline, no_split_stack)) static long plain(long n, uintptr_t lo, struct t_rng *r)
{
	volatile char b[700];
	b[0] = (char)n;
	long k = down(n + 1, lo, r);
	CHECK(b[0] == (char)n);
	return k + 1;
}

struct deep {
	long n, got;
	uintptr_t lo;
	struct t_rng *r;
};
static __thread struct deep *deep;

static int compare(const void *a, const void *b)
{
	struct deep *d = deep;
	if (d->got == 0) {
		d->got = 1; // only once
		d->got = down(d->n + 1, d->lo, d->r) + 1;
	}
	return *(const int *)a - *(const int *)b;
}

ALONE static long sorted(long n, uintptr_t lo, struct t_rng *r)
{
	int v[3] = { 3, 1, 2 };
	struct deep d = { n, 0, lo, r }, *outer = deep;
	deep = &d;
	qsort(v, 3, sizeof v[0], compare);
	deep = outer;
	CHECK(v[0] == 1 && v[1] == 2 && v[2] == 3 && d.got > 0);
	return d.got;
}

ALONE static long array(long n, uintptr_t lo, struct t_rng *r)
{
	volatile char b[30000];
	for (size_t i = 0; i < sizeof b; i += 1000)
		b[i] = (char)(n + (long)i);
	long k = down(n + 1, lo, r);
	for (size_t i = 0; i < sizeof b; i += 1000)
		CHECK(b[i] == (char)(n + (long)i));
	return k + 1;
}

ALONE static long allocated(long n, uintptr_t lo, struct t_rng *r)
{
	size_t size = 1 + t_below(r, 5000);
	char *b = __builtin_alloca(size);
	memset(b, (int)n, size);
	if (n % 3 == 0)
		t_poison();
	long k = down(n + 1, lo, r);
	CHECK(b[0] == (char)n && b[size - 1] == (char)n && b[size / 2] == (char)n);
	return k + 1;
}

// What is left.
ALONE static long bottom(uintptr_t lo)
{
	size_t size = (uintptr_t)__builtin_frame_address(0) - lo - T_RED - 512;
	volatile char *b = __builtin_alloca(size);
	CHECK((uintptr_t)b - lo < T_RED + 1024);
	b[0] = b[size - 1] = 1;
	CHECK(t_frameto(lo + T_RED) == 1 && t_smallat(lo + T_RED) == 1);
	t_poison();
	CHECK(t_frameto(lo + T_RED) == 1 && t_smallat(lo + T_RED) == 1);
	return b[0];
}

__attribute__((noinline)) static long down(long n, uintptr_t lo, struct t_rng *r)
{
	char b[40];
	if ((uintptr_t)__builtin_frame_address(0) - lo < LEAVE)
		return bottom(lo);
	snprintf(b, sizeof b, "%ld", n);
	long k;
	switch (t_below(r, 5)) {
	case 0: k = plain(n, lo, r); break;
	case 1: k = sorted(n, lo, r); break;
	case 2: k = array(n, lo, r); break;
	case 3: k = allocated(n, lo, r); break;
	default: k = down(n + 1, lo, r) + 1;
	}
	CHECK(atol(b) == n);
	return k;
}

static void worker(uint64_t seed, uint64_t id, chan(long) done)
{
	struct t_rng r = t_rng(seed, id);
	for (int i = 0; i < ROUNDS; i++) {
		long n = down(0, lowest(), &r);
		CHECK(n > 20);
		garn_yield();
	}
	chan_send(done, 1);
}

int main(void)
{
	chan(long) done = chan_make(long, 0);
	uint64_t seed = t_seed();
	for (uint64_t i = 0; i < GOROUTINES; i++)
		go(worker, seed, i, done);
	for (int i = 0; i < GOROUTINES; i++)
		chan_recv(done);
	return 0;
}
