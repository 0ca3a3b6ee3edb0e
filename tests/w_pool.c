// The pool of stacks alone: threads that take and put stacks of several sizes, and one that gives back whatever it finds, as if all were
// cold. No stack is with two at a time; one that is not said to be bare has its guard, also after its block was mapped
// anew; what was not given back keeps what is on it; and in the end all are in, and can be given back. Arenas go as a whole, without the lock, and where
// the kernel does not let go of one it is used as before. Batches come back whole.
// TIMEOUT: 60
// SAN: no-thread (nothing is given back under it)
// LINK: arch/arch.c core/lock.c core/hard.c core/throw.c core/globals.c base/print.c os/osinit.c os/futex.c os/clock.c os/fail.c os/mem.c os/thread.c os/cpu.c
#include "os/os.h"
static bool mayunmap(void *p, size_t n);
#define os_munmap mayunmap
#include "stack/pool.c"
#undef os_munmap
#include "test.h"
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/uio.h>

void packforget(uintptr_t lo, size_t n)
{
	(void)lo, (void)n;
}

enum { THREADS = 3, HELD = 40, ROUNDS = T_SCALED(60000), ORDERS = 6, HALF = 10 }; // HALF: half an arena
static const uint64_t FREEMARK = 0x66726565;
static uint32_t over; // A
static uint64_t given, warm, bares, unmapped, refused, batches; // A

static bool alone; // no other threads

// The kernel refuses every second time to unmap an arena.
static bool mayunmap(void *p, size_t n)
{
	static uint32_t calls; // A
	CHECK(!alone || n != ARENA || pool.lock.key == 0);
	if (n == ARENA && __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) % 2 == 0) {
		os_unused(p, n);
		refused++; // by one thread
		return false;
	}
	if (n == ARENA)
		unmapped++;
	return os_munmap(p, n);
}

static bool readable(uintptr_t p)
{
	char c;
	struct iovec to = { &c, 1 }, from = { (void *)p, 1 };
	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1;
}

struct held {
	uintptr_t lo;
	uint8_t order;
};

static uint64_t *word(struct held *h)
{
	return (uint64_t *)(h->lo + ((uintptr_t)STACK_MIN << h->order)) - 2; // below the link
}

static void got(struct held *h, bool bare, uint64_t me)
{
	CHECK(h->lo != 0 && h->lo % STACK_MIN == 0);
	if (bare) {
		CHECK(os_guard((void *)h->lo, STACK_GUARD) != GUARD_NONE);
		__atomic_add_fetch(&bares, 1, __ATOMIC_RELAXED);
	}
	CHECK(!readable(h->lo) && !readable(h->lo + STACK_GUARD - 1));
	CHECK(*word(h) == 0 || *word(h) == FREEMARK);
	CHECK(!bare || *word(h) == 0);
	*word(h) = me;
}

// A batch comes, from where there is one or piece by piece, and goes.
static void batch(uint8_t order, uint64_t me)
{
	struct held h[STACK_BATCH];
	uintptr_t lo = pooltakebatch(order);
	__atomic_add_fetch(&batches, lo != 0, __ATOMIC_RELAXED);
	bool whole = lo != 0;
	for (int i = 0; i < STACK_BATCH; i++) {
		bool bare = false;
		h[i] = (struct held){ whole ? lo : pooltake(order, &bare), order };
		got(&h[i], bare, me);
		lo = whole ? *stacklink(lo, order) : 0;
		CHECK(!whole || (lo == 0) == (i == STACK_BATCH - 1));
	}
	for (int i = 0; i < STACK_BATCH; i++) {
		CHECK_EQ(*word(&h[i]), me);
		*word(&h[i]) = FREEMARK;
		*stacklink(h[i].lo, order) = lo;
		lo = h[i].lo;
	}
	poolputbatch(order, lo);
}

static void *user(void *arg)
{
	uint64_t me = 1 + (uint64_t)(uintptr_t)arg;
	struct t_rng r = t_rng(t_seed(), me);
	struct held held[HELD];
	uint32_t n = 0;
	for (int i = 0; i < ROUNDS; i++) {
		uint8_t order = (uint8_t)t_below(&r, ORDERS + 1);
		if (order == ORDERS)
			order = HALF;
		else if (t_below(&r, 20) == 0)
			batch(order, me);
		if (n < HELD && t_below(&r, HELD) >= n) {
			uintptr_t lo[4];
			uint32_t some = t_below(&r, 2) && n + 4 <= HELD ? pooltakewarm(order, lo, 4) : 0;
			bool bare = false;
			if (some == 0)
				lo[some++] = pooltake(order, &bare);
			else
				__atomic_add_fetch(&warm, some, __ATOMIC_RELAXED);
			for (uint32_t k = 0; k < some; k++) {
				held[n] = (struct held){ lo[k], order };
				got(&held[n++], bare, me);
			}
		} else {
			uint32_t k = (uint32_t)t_below(&r, n);
			CHECK_EQ(*word(&held[k]), me);
			*word(&held[k]) = FREEMARK;
			poolput(held[k].order, &held[k].lo, 1);
			held[k] = held[--n];
		}
	}
	while (n > 0) {
		CHECK_EQ(*word(&held[--n]), me);
		*word(&held[n]) = 0;
		poolput(held[n].order, &held[n].lo, 1);
	}
	return NULL;
}

// Whatever came before is cold by now.
static bool givesback(void)
{
	static int64_t now = 5000000000;
	bool later;
	return stackscavenge(now += 2000000000, &later);
}

static void *giver(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED))
		if (givesback())
			__atomic_add_fetch(&given, 1, __ATOMIC_RELAXED);
	return NULL;
}

static bool mapped(uintptr_t p)
{
	unsigned char c;
	return mincore((void *)p, 1, &c) == 0;
}

static void scavenge(void)
{
	while (givesback())
		CHECK_EQ(pool.lock.key, 0);
}

// Two stacks that fill an arena: it stays when the kernel refuses, as it was, and goes when it does not.
static void arena(void)
{
	struct stackcount c;
	alone = true;
	for (int gone = 0; gone < 2; gone++) {
		struct held h[2];
		uintptr_t lo = UINTPTR_MAX;
		for (int i = 0; i < 2; i++) {
			bool bare = false;
			h[i] = (struct held){ pooltake(HALF, &bare), HALF };
			CHECK(bare);
			got(&h[i], bare, 1);
			lo = h[i].lo < lo ? h[i].lo : lo;
		}
		CHECK(h[0].lo != h[1].lo);
		stackcounts(HALF, &c);
		CHECK(c.cut == 2 && c.out == 2 && c.clean == 0);
		for (int i = 0; i < 2; i++)
			poolput(HALF, &h[i].lo, 1);
		scavenge();
		stackcounts(HALF, &c);
		CHECK(c.cut == (gone ? 0 : 2) && c.out == 0 && c.clean == c.cut);
		CHECK(mapped(lo) == !gone && refused == 1 && unmapped == (uint64_t)gone);
	}
	alone = false;
}

// More batches than are kept whole.
static void many(void)
{
	enum { N = BATCHES + 2 };
	uintptr_t first[N] = { 0 };
	struct stackcount c;
	for (int i = 0; i < N * STACK_BATCH; i++) {
		bool bare = false;
		struct held h = { pooltake(0, &bare), 0 };
		got(&h, bare, 1);
		*stacklink(h.lo, 0) = first[i % N];
		first[i % N] = h.lo;
	}
	for (int i = 0; i < N; i++)
		poolputbatch(0, first[i]);
	for (int i = BATCHES - 1; i >= 0; i--)
		CHECK_EQ(pooltakebatch(0), first[i]); // the latest first
	CHECK_EQ(pooltakebatch(0), 0);
	stackcounts(0, &c);
	CHECK(c.out == BATCHES * STACK_BATCH && c.clean == c.cut - N * STACK_BATCH && c.most == N * STACK_BATCH);
	for (int i = 0; i < BATCHES; i++)
		poolputbatch(0, first[i]);
	scavenge();
	stackcounts(0, &c);
	CHECK(c.out == 0 && c.clean == c.cut);
}

int main(void)
{
	pthread_t t[THREADS], g;
	osinit();
	poolinit();
	arena();
	many();
	CHECK_EQ(pthread_create(&g, NULL, giver, NULL), 0);
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, user, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	CHECK_EQ(pthread_join(g, NULL), 0);
	scavenge();
	CHECK(!givesback());
	for (uint8_t order = 0; order <= HALF; order++) {
		struct stackcount c;
		stackcounts(order, &c);
		CHECK((c.most > 0) == (order < ORDERS || order == HALF));
		CHECK_EQ(c.out, 0);
		CHECK_EQ(c.clean, c.cut);
		for (struct block *b = pool.order[order].first[BLANK]; b; b = b->next)
			CHECK(!b->guarded && b->in == allof(order));
		CHECK(!pool.order[order].first[FREE] && !pool.order[order].first[DIRTY] && !pool.order[order].nbatches);
	}
	printf("%llu arenas unmapped, %llu refused, ", (unsigned long long)unmapped, (unsigned long long)refused);
	CHECK(unmapped > 0 && refused > 0);
	printf("%llu pieces given back, %llu taken warm, %llu bare\n", (unsigned long long)given, (unsigned long long)warm, (unsigned long long)bares);
	printf("%llu batches\n", (unsigned long long)batches);
	CHECK(given > 0 && bares > 0 && batches > 0);
	return 0;
}
