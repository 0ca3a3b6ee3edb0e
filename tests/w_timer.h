// The timer heaps without a scheduler: time is a number here, and threads stand for Ms. What the library would link
// from os/ and core/ is replaced here, so that memory can be counted and refused.
#ifndef W_TIMER_H
#define W_TIMER_H

#include "timer/timer.h"
#include "core/slab.h"
#include "core/throw.h"
#include "test.h"
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/mman.h>

static int64_t mapped, given; // bytes held; bytes given back by os_unused
static bool refuse;
static sigjmp_buf refused;
struct hooks hooks;
struct sched sched;

void lockinit(struct lock *l, enum lockrank rank)
{
	(void)rank;
	memset(l, 0, sizeof *l);
}

void lock_slow(struct lock *l)
{
	while (!cas_acq(&l->key, 0, 1)) // acq[LK]
		sched_yield();
}

#ifdef GARN_CHECK
void lock_check(struct lock *l) { (void)l; }
void unlock_check(struct lock *l) { (void)l; }
#endif

uint64_t os_random(void)
{
	return t_seed();
}

void os_yield(void)
{
	sched_yield();
}

void os_futexwake(uint32_t *addr, uint32_t n)
{
	(void)addr, (void)n;
}

void *os_mmap(size_t n)
{
	if (refuse)
		return NULL;
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	add_rlx(&mapped, (int64_t)n);
	return p;
}

void *os_mmapaligned(size_t n, bool huge)
{
	(void)huge;
	char *p = os_mmap(2 * OS_HUGEPAGE);
	if (p == NULL)
		return NULL;
	add_rlx(&mapped, -2 * (int64_t)OS_HUGEPAGE + (int64_t)n);
	return p + -(uintptr_t)p % OS_HUGEPAGE;
}

bool os_munmap(void *p, size_t n)
{
	CHECK_EQ(munmap(p, n), 0);
	add_rlx(&mapped, -(int64_t)n);
	return true;
}

void os_unused(void *p, size_t n)
{
	CHECK_EQ(madvise(p, n, MADV_DONTNEED), 0);
	add_rlx(&given, (int64_t)n);
}

void throw(const char *msg)
{
	fprintf(stderr, "throw: %s\n", msg);
	t_die(1);
}

void fatal_os(const char *what, int err, const char *advice)
{
	(void)advice;
	CHECK(refuse);
	CHECK_STR(what, "no memory for a timer");
	CHECK_EQ(err, 12);
	siglongjmp(refused, 1);
}

// A heap of its own for each test; there are a thousand numbers.
static struct timers *newheap(void)
{
	struct timers *ts = calloc(1, sizeof *ts);
	timersinit(ts);
	return ts;
}

// What is free goes back to the kernel, as if all of it were cold.
__attribute__((unused)) static int giveback(void)
{
	int n = 0;
	bool later = false;
	while (slabscavenge(load_rlx(&sched.coarsenow) + 5000000000, &later))
		n++;
	return n;
}

static bool step(struct timers *ts, int64_t now)
{
	struct due d;
	if (!timers_due(ts, now, &d))
		return false;
	d.f(d.arg, d.seq, now);
	return true;
}

static int run(struct timers *ts, int64_t now)
{
	int n = 0;
	while (step(ts, now))
		n++;
	return n;
}

#endif
