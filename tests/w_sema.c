// The tree of addresses against a plain model: random arrivals at both ends, departures, everybody at once; the shape of the tree.
// And what comes too late: an unlock or a release that has let go of its object goes on to look for waiters, while others
// free the object, make a new one of another kind in its place, and wait there. They must not be disturbed.
// The files are compiled into this one, so that the late ones can be stopped at the right moment.
#include "base/base.h"
#include "core/lock.h"
#include "os/os.h"
#include "sched/sched.h"
#include "test.h"
#include <setjmp.h>
#undef errno

// ---- the moment after letting go --------------------------------------------------------------------

static void (*meanwhile)(void);

static void late(void)
{
	void (*fn)(void) = meanwhile;
	meanwhile = NULL;
	if (fn != NULL)
		fn();
}

// a release: after its addition
#undef add_acqrel
#define add_acqrel(p, v)                                                      \
	__extension__({                                                       \
		__typeof__(*(p)) sum_ = __atomic_add_fetch((p), (v), __ATOMIC_ACQ_REL); \
		late();                                                       \
		sum_;                                                         \
	})
// an unlock: after its store
#define asym_light() late()

#include "sync/sema.c"
#include "sync/mutex.c"
#include "sync/sem.c"
#define word rwword
#define WAITERS RWWAITERS
#include "sync/rwmutex.c"
#undef WAITERS
#include "sync/once.c"

// ---- stand-ins --------------------------------------------------------------------------------------

static struct g gs[8];
static struct m ms[8];
static int who; // the g that runs
static uint32_t readied;
static jmp_buf parked;
uint32_t asym_slow;
struct sched sched;
__thread struct g *garn_g;

static struct g *run_as(int i)
{
	gs[i].m = &ms[i];
	ms[i].curg = &gs[i];
	who = i;
	garn_g = &gs[i];
	return &gs[i];
}

void lockinit(struct lock *l, enum lockrank rank) { (void)rank; memset(l, 0, sizeof *l); }
void lock_slow(struct lock *l) { (void)l; CHECK(!"a lock is held that should not be"); }
#ifdef GARN_CHECK
void lock_check(struct lock *l) { (void)l; }
void unlock_check(struct lock *l) { (void)l; }
#endif
#ifdef GARN_HARD
bool hard_dice(uint32_t oneof) { (void)oneof; return false; }
void hard_yield(void) {}
#endif
static int heavy;
void asym_heavy(void) { heavy++; }
void os_yield(void) {}
void os_futexwake(uint32_t *addr, uint32_t n) { (void)addr, (void)n; }
int64_t os_nanotime(void) { return 1000000000; }
bool canspin(int rounds) { (void)rounds; return false; }
void throw(const char *msg) { fprintf(stderr, "throw: %s\n", msg); t_die(1); }
void fatal(const char *msg) { throw(msg); }
void panic(const char *msg) { throw(msg); }
struct g *needm(void) { CHECK(0); return NULL; }
bool parkunlock(struct g *gp, void *l) { (void)gp; unlock((struct lock *)l); return true; }
void goready(struct g *gp) { readied |= 1u << (gp - gs); }

// Whoever parks stays where he is; the test goes on without him.
void gopark(bool (*unlockf)(struct g *gp, void *lock), void *lock, enum waitreason why)
{
	(void)why;
	CHECK(unlockf(&gs[who], lock));
	longjmp(parked, 1);
}

#define PARKS(i, call)                        \
	do {                                  \
		run_as(i);                    \
		if (setjmp(parked) == 0) {    \
			call;                 \
			CHECK(!"must wait");  \
		}                             \
	} while (0)

// ---- the tree against a model -----------------------------------------------------------------------

enum { ADDRS = 300, SUDOGS = 2000, OPS = T_SCALED(400000) };

static struct sudog pool[SUDOGS];
static struct g owners[SUDOGS];
static struct sudog *freelist[SUDOGS], *model[ADDRS][SUDOGS];
static int nfree, queued[ADDRS];
static struct semaroot tree;

static const void *addr(int i)
{
	return (const void *)(uintptr_t)(0x7f0000001000 + (uint64_t)i * 8);
}

static int depth(struct sudog *sg)
{
	if (sg == NULL)
		return 0;
	int l = depth(sg->next), r = depth(sg->prev);
	return 1 + (l > r ? l : r);
}

// Every node lies in the interval of its place, and heads exactly its model's list.
static int walk(struct sudog *sg, uint64_t lo, uint64_t hi)
{
	if (sg == NULL)
		return 0;
	uint64_t key = mix(sg->elem);
	int i = (int)(((uintptr_t)sg->elem - 0x7f0000001000) / 8), n = 0;
	CHECK(lo <= key && key <= hi);
	for (struct sudog *w = sg; w != NULL; w = w->waitlink, n++) {
		CHECK(model[i][n] == w);
		CHECK(w->elem == addr(i));
		if (w->waitlink == NULL)
			CHECK(sg->waittail == w);
	}
	CHECK_EQ(n, queued[i]);
	return 1 + walk(sg->next, lo, key - 1) + walk(sg->prev, key + 1, hi);
}

static void check_tree(void)
{
	int n = 0;
	for (int i = 0; i < ADDRS; i++)
		n += queued[i] > 0;
	CHECK_EQ(walk(tree.tree, 0, UINT64_MAX), n);
}

static void arrive(int i, bool first)
{
	struct sudog *sg = freelist[--nfree];
	memset(sg, 0x5a, sizeof *sg);
	sg->success = false;
	sg->g = &owners[sg - pool];
	sema_enqueue(&tree, addr(i), sg, first);
	if (first)
		memmove(&model[i][1], &model[i][0], (size_t)queued[i] * sizeof model[i][0]);
	model[i][first ? 0 : queued[i]] = sg;
	queued[i]++;
}

static void depart(int i)
{
	bool more = true;
	struct sudog *sg;
	CHECK(sema_first(&tree, addr(i)) == (queued[i] > 0 ? model[i][0] : NULL));
	sg = sema_dequeue(&tree, addr(i), &more);
	CHECK(sg == (queued[i] > 0 ? model[i][0] : NULL));
	CHECK_EQ(more, queued[i] > 1);
	if (sg == NULL)
		return;
	memmove(&model[i][0], &model[i][1], (size_t)--queued[i] * sizeof model[i][0]);
	freelist[nfree++] = sg;
}

static void all_depart(int i)
{
	struct g *gp = sema_dequeueall(&tree, addr(i));
	for (int k = 0; k < queued[i]; k++) {
		CHECK(gp == model[i][k]->g);
		CHECK(model[i][k]->success);
		freelist[nfree++] = model[i][k];
		gp = gp->schedlink;
	}
	CHECK(gp == NULL);
	queued[i] = 0;
}

static void against_model(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	for (int i = 0; i < SUDOGS; i++)
		freelist[nfree++] = &pool[i];
	for (int op = 0; op < OPS; op++) {
		// few addresses for a while, then many; mostly arrivals, then mostly departures
		int i = (int)t_below(&r, op / 5000 % 2 ? ADDRS : 5);
		switch (t_below(&r, 8)) {
		case 0: if (nfree) arrive(i, true); break;
		case 1: depart(i); break;
		case 2: if (t_below(&r, 50) == 0) all_depart(i); break;
		default:
			if (op / 10000 % 2)
				depart(i);
			else if (nfree)
				arrive(i, false);
		}
		if (op % 512 == 0)
			check_tree();
	}
	check_tree();
	for (int i = 0; i < ADDRS; i++)
		while (queued[i] > 0)
			depart(i);
	CHECK(tree.tree == NULL);
	CHECK_EQ(nfree, SUDOGS);
}

// Balanced by chance, whatever the distance between the addresses is; and the roots share them.
static void shape(void)
{
	static uint32_t perroot[SEMAROOTS];
	for (uintptr_t step = 4; step <= 1 << 20; step *= 4) {
		CHECK(tree.tree == NULL);
		for (uintptr_t i = 0; i < SUDOGS; i++)
			sema_enqueue(&tree, (void *)(0x560000000000 + i * step), &pool[i], false);
		CHECK(depth(tree.tree) <= 40); // 2,000 addresses: about 27
		bool more;
		for (uintptr_t i = 0; i < SUDOGS; i++)
			CHECK(sema_dequeue(&tree, (void *)(0x560000000000 + i * 7 % SUDOGS * step), &more) ==
			      &pool[i * 7 % SUDOGS]);
		memset(perroot, 0, sizeof perroot);
		for (uintptr_t i = 0; i < 64 * SEMAROOTS; i++)
			perroot[semaroot((void *)(0x560000000000 + i * step)) - semaroots]++;
		for (int i = 0; i < SEMAROOTS; i++)
			CHECK(perroot[i] < 64 * 5);
	}
}

// ---- too late ---------------------------------------------------------------------------------------

// One place in memory, and what is there now.
static union {
	garn_mutex mutex;
	garn_sem sem;
	garn_rwmutex rw;
	garn_once once;
	uint64_t raw;
} place;
static garn_mutex neighbours[40000], *other; // other: of the same root as place.mutex
static enum { MUTEX, SEM, RWMUTEX, ONCE, KINDS } next_kind;

static void stuck(void)
{
	longjmp(parked, 2);
}

// The place becomes something else, which 3 has and 2 waits for.
static void made_anew(void)
{
	place.raw = 0;
	run_as(3);
	switch (next_kind) {
	case MUTEX:
		garn_mutex_lock(&place.mutex);
		PARKS(2, garn_mutex_lock(&place.mutex));
		break;
	case SEM: PARKS(2, garn_sem_acquire(&place.sem)); break;
	case RWMUTEX:
		garn_rwmutex_rlock(&place.rw);
		PARKS(2, garn_rwmutex_lock(&place.rw));
		break;
	case ONCE:
		if (setjmp(parked) == 0)
			garn_once_do(&place.once, stuck);
		PARKS(2, garn_once_do(&place.once, stuck));
		break;
	default: CHECK(0);
	}
}

static void begin(void)
{
	memset(semaroots, 0, sizeof semaroots);
	memset(garn_mutex_waiters_, 0, sizeof garn_mutex_waiters_);
	memset(gs, 0, sizeof gs);
	place.raw = 0;
	readied = 0;
	for (other = neighbours; semaroot(other) != semaroot(&place.mutex);)
		other++;
	other->garn_opaque[0] = 0;
	run_as(4);
	garn_mutex_lock(other);
}

// Goroutine 2 still waits, or, where waking it too often is right, may have been woken; who waits for a mutex is counted.
static void nobody_disturbed(bool again)
{
	uint32_t n = 0;
	CHECK(readied == 0 || (again && readied == 1u << 2));
	for (int i = 0; i < SEMAROOTS; i++)
		n += garn_mutex_waiters_[i];
	CHECK_EQ(n, 1 + (next_kind == MUTEX && readied == 0));
}

static void changed_owner(void)
{
	PARKS(5, garn_mutex_lock(other)); // so that the unlocker sees that somebody waits
	made_anew();
	run_as(1);
}

static void late_unlock(void)
{
	for (next_kind = MUTEX; next_kind < KINDS; next_kind++) {
		begin();
		run_as(1);
		garn_mutex_lock(&place.mutex);
		meanwhile = changed_owner;
		garn_mutex_unlock(&place.mutex);
		CHECK(meanwhile == NULL);
		nobody_disturbed(next_kind == MUTEX);
	}
}

// A waiter that is counted, and gets its unit before it has queued up.
static void taken(void)
{
	CHECK(take(&place.sem));
	changed_owner();
}

static void late_release(void)
{
	for (next_kind = MUTEX; next_kind < KINDS; next_kind++) {
		begin();
		CHECK(enlist(&place.sem));
		run_as(1);
		meanwhile = taken;
		garn_sem_release(&place.sem);
		CHECK(meanwhile == NULL);
		nobody_disturbed(next_kind == SEM);
	}
}

static void nothing(void)
{
}

// What garn.h writes out for unlock has no fence: without membarrier it must not be used, and the first waiter pays in full.
static void fences(void)
{
	for (uint32_t slow = 0; slow < 2; slow++) {
		begin();
		asym_slow = slow;
		mutexinit();
		garn_mutex_unlock(other);
		garn_mutex_lock(&place.mutex);
		meanwhile = nothing;
		garn_mutex_unlock_(&place.mutex);
		CHECK_EQ(meanwhile == NULL, slow != 0);
		garn_mutex_lock_(&place.mutex);
		heavy = 0;
		PARKS(2, garn_mutex_lock_(&place.mutex));
		PARKS(3, garn_mutex_lock_(&place.mutex));
		CHECK_EQ(heavy, 1);
	}
}

int main(void)
{
	fences();
	against_model();
	shape();
	late_unlock();
	late_release();
	return 0;
}
