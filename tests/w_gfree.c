// Descriptors against stand-ins for stacks and timers: one made anew, after its memory was given back, wins no select of its former life, nor of any that was
// given back; a dead one keeps its timer in a P's cache only; walks see all that were made, and no more.
// LINK: core/slab.c core/hard.c
// SAN: no-thread (nothing is given back)
#include "sched/gfree.c"
#include "test.h"
#include <sched.h>
#include <sys/mman.h>
#undef errno

enum { MANY = 1000 };
struct hooks hooks;
struct sched sched;
static struct p p0;
static struct g *gs[MANY];
static struct timer *const fake = (struct timer *)&p0;
static int timersfreed;

void lockinit(struct lock *l, enum lockrank rank) { (void)rank; memset(l, 0, sizeof *l); }
void lock_slow(struct lock *l) { (void)l; CHECK(!"a lock is held"); }
#ifdef GARN_CHECK
void lock_check(struct lock *l) { (void)l; }
void unlock_check(struct lock *l) { (void)l; }
#endif
uint64_t os_random(void) { return t_seed(); }
void os_yield(void) { sched_yield(); }
void os_futexwake(uint32_t *addr, uint32_t n) { (void)addr, (void)n; }
void *os_mmap(size_t n) { return mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
void *os_mmapaligned(size_t n, bool huge) { (void)n, (void)huge; char *p = os_mmap(2 * OS_HUGEPAGE); return p + -(uintptr_t)p % OS_HUGEPAGE; }
bool os_munmap(void *p, size_t n) { return munmap(p, n) == 0; }
void os_unused(void *p, size_t n) { madvise(p, n, MADV_DONTNEED); }
void throw(const char *msg) { fprintf(stderr, "throw: %s\n", msg); t_die(1); }
void fatal_os(const char *what, int err, const char *advice) { (void)err, (void)advice; throw(what); }
void stackfree(struct p *pp, struct stack s, uint8_t order) { (void)pp, (void)s, (void)order; }
void timer_free(struct timer *t) { CHECK(t == fake); timersfreed++; }

static void count(struct g *gp, void *n)
{
	CHECK(readgstatus(gp) == Gdead);
	++*(int *)n;
}

static int all(void)
{
	int n = 0;
	forEachG(count, &n);
	return n;
}

static void put(void)
{
	for (int i = 0; i < MANY; i++)
		gfput(&p0, gs[i]);
	slabpurge(&p0);
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	uint32_t most = 0, was;
	bool later = false;
	gfreeinit();
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < MANY; i++) {
			gs[i] = gfget(i % 3 ? &p0 : NULL);
			was = gs[i]->selectdone;
			CHECK(was % 2 == 0 && !gs[i]->timer && (round == 0 || (int32_t)(was - most) > 0)); // a wrap of 32 bits is none
		}
		CHECK(all() >= MANY && all() < MANY + 64);
		for (int i = 0; i < MANY; i++) {
			gs[i]->selectdone += (uint32_t)t_below(&r, round % 4 ? 100 : 1 << 29) * 2 + (uint32_t)t_below(&r, 2);
			if (i == 0 || (int32_t)(gs[i]->selectdone - most) > 0)
				most = gs[i]->selectdone;
			gs[i]->timer = i % 2 ? fake : NULL;
		}
		timersfreed = 0;
		put();
		CHECK_EQ(timersfreed, MANY / 2);
		while (slabscavenge(5000000000, &later))
			;
		CHECK_EQ(all(), 0);
	}
	// In a cache it keeps it.
	struct g *gp = gfget(&p0);
	gp->timer = fake;
	timersfreed = 0;
	gfput(&p0, gp);
	CHECK(gfget(&p0) == gp && gp->timer == fake && timersfreed == 0);
	gfput(&p0, gp);
	slabpurge(&p0);
	CHECK(!gp->timer && timersfreed == 1);
	return 0;
}
