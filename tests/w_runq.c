// The run queue of a P: what is put comes out once, in order, at every fill level and wherever the ring begins; what does not fit
// is spilled, oldest first; steals take half. Then with threads as thieves, and others that ask whether a queue is empty
// while it never is. Sizes: every level from 0 to 256, heads around the wrap of the counters; 4 thieves, 400,000 rounds; 40,000 turns.
// The file is compiled into this one, so that threads can be made to linger where it hurts: behind each look.
#include "base/atomic.h"
#include "test.h"
#include <pthread.h>
#include <sched.h>

static __thread uint32_t looks, linger;

static inline void lingering(void)
{
	if (linger != 0 && ++looks % linger == 0)
		sched_yield();
}

#undef load_rlx
#define load_rlx(p) \
	__extension__({ \
		__typeof__(*(p)) value_ = __atomic_load_n((p), __ATOMIC_RELAXED); \
		lingering(); \
		value_; \
	})
#undef load_acq
#define load_acq(p) \
	__extension__({ \
		__typeof__(*(p)) value_ = __atomic_load_n((p), __ATOMIC_ACQUIRE); \
		lingering(); \
		value_; \
	})
#include "sched/runq.h"
#include "sched/runq.c"

enum { GS = 2 * RUNQ + 8, THIEVES = 4, ROUNDS = T_SCALED(150000) };

static struct g gs[GS];
static const uint32_t heads[] = { 0, 1, 100, RUNQ - 1, RUNQ, 1000003, UINT32_MAX - RUNQ, UINT32_MAX - 100, UINT32_MAX };
enum { HEADS = sizeof heads / sizeof *heads };

static struct runq fresh(uint32_t head)
{
	struct runq rq;
	memset(&rq, 0, sizeof rq);
	rq.head = rq.tail = head;
	return rq;
}

static void put(struct runq *rq, int i, bool next)
{
	struct gqueue spill = { .n = 0 };
	CHECK(!runqput(rq, &gs[i], next, &spill));
}

static void get(struct runq *rq, int i, bool inherits)
{
	bool inherit = !inherits;
	CHECK_EQ(runqget(rq, &inherit) - gs, i);
	CHECK_EQ(inherit, inherits);
}

static void is_empty(struct runq *rq)
{
	bool inherit = true;
	CHECK(runqempty(rq));
	CHECK_EQ(runqlen(rq), 0);
	CHECK(runqget(rq, &inherit) == NULL);
	CHECK(!inherit);
}

// ---- alone ------------------------------------------------------------------------------------------

static void levels(uint32_t head)
{
	for (int n = 0; n <= RUNQ; n++) {
		struct runq rq = fresh(head);
		is_empty(&rq);
		for (int i = 0; i < n; i++) {
			put(&rq, i, false);
			CHECK(!runqempty(&rq));
			CHECK_EQ(runqlen(&rq), i + 1);
		}
		for (int i = 0; i < n; i++) {
			CHECK_EQ(runqlen(&rq), n - i);
			CHECK(!runqempty(&rq));
			get(&rq, i, false);
		}
		is_empty(&rq);
	}
}

// runnext goes first; the one it displaces goes to the tail.
static void next_first(uint32_t head)
{
	struct runq rq = fresh(head);
	put(&rq, 0, true);
	CHECK(!runqempty(&rq));
	CHECK_EQ(runqlen(&rq), 1);
	get(&rq, 0, true);
	is_empty(&rq);
	for (int n = 1; n <= RUNQ; n++) {
		for (int i = 0; i < n; i++)
			put(&rq, i, i % 3 != 1);
		// those displaced stand at the tail at the moment of their displacement
		int order[RUNQ], k = 0, next = -1;
		for (int i = 0; i < n; i++) {
			if (i % 3 == 1) {
				order[k++] = i;
			} else {
				if (next >= 0)
					order[k++] = next;
				next = i;
			}
		}
		get(&rq, next, true);
		for (int i = 0; i < k; i++)
			get(&rq, order[i], false);
		is_empty(&rq);
	}
}

// A full ring gives up its older half and the newcomer; by runnext it is the displaced one that finds no room.
static void spills(uint32_t head, bool next)
{
	struct runq rq = fresh(head);
	struct gqueue spill = { .n = 0 };
	for (int i = 0; i < RUNQ; i++)
		put(&rq, i, false);
	int last = RUNQ;
	if (next) {
		put(&rq, RUNQ, true);
		last = RUNQ + 1;
	}
	CHECK(runqput(&rq, &gs[last], next, &spill));
	CHECK_EQ(spill.n, RUNQ / 2 + 1);
	for (int i = 0; i < RUNQ / 2; i++)
		CHECK(gqueue_pop(&spill) == &gs[i]);
	CHECK(gqueue_pop(&spill) == &gs[RUNQ]);
	CHECK(gqueue_pop(&spill) == NULL);
	CHECK_EQ(runqlen(&rq), RUNQ / 2 + next);
	if (next)
		get(&rq, last, true);
	for (int i = RUNQ / 2; i < RUNQ; i++)
		get(&rq, i, false);
	is_empty(&rq);
}

static void steals(uint32_t head, uint32_t thiefhead, bool next)
{
	for (int n = 0; n <= RUNQ; n++) {
		struct runq victim = fresh(head), thief = fresh(thiefhead);
		for (int i = 0; i < n; i++)
			put(&victim, i, false);
		if (next)
			put(&victim, GS - 1, true);
		int half = n - n / 2;
		bool inherit;
		struct g *gp = runqsteal(&thief, &victim, false);
		if (n == 0) {
			CHECK(gp == NULL);
			gp = runqsteal(&thief, &victim, true);
			CHECK(gp == (next ? &gs[GS - 1] : NULL));
			is_empty(&victim);
			is_empty(&thief);
			continue;
		}
		CHECK_EQ(runqlen(&victim), n - half + next);
		CHECK_EQ(runqlen(&thief), half - 1);
		// each once: one to run at once, the older half in order in the thief's ring, the rest untouched
		for (int i = 0; i < half; i++) {
			struct g *other = &gs[i] == gp ? gp : runqget(&thief, &inherit);
			CHECK(other == &gs[i]);
		}
		is_empty(&thief);
		if (next)
			get(&victim, GS - 1, true);
		for (int i = half; i < n; i++)
			get(&victim, i, false);
		is_empty(&victim);
	}
}

static void drains(uint32_t head)
{
	for (int n = 0; n <= RUNQ; n += 51) {
		struct runq rq = fresh(head);
		struct gqueue all = { .n = 0 };
		for (int i = 0; i < n; i++)
			put(&rq, i, false);
		put(&rq, GS - 1, true);
		runqdrain(&rq, &all);
		is_empty(&rq);
		CHECK_EQ(all.n, n + 1);
		CHECK(gqueue_pop(&all) == &gs[GS - 1]);
		for (int i = 0; i < n; i++)
			CHECK(gqueue_pop(&all) == &gs[i]);
	}
}

// ---- thieves ----------------------------------------------------------------------------------------

static struct runq shared;
static struct g items[GS]; // whoever has one in hand owns its fields
static uint64_t out[GS];   // A: how often each came out
static uint32_t up, stop, stolen;

static int index_of(struct g *gp)
{
	CHECK(gp >= items && gp < items + GS);
	gp->waitsince++; // plain: TSan sees two owners
	return (int)(gp - items);
}

// A stolen g comes back to the owner by this list.
static struct g *returned; // A
static void give_back(struct g *gp)
{
	__atomic_add_fetch(&out[index_of(gp)], 1, __ATOMIC_RELAXED);
	struct g *head = __atomic_load_n(&returned, __ATOMIC_RELAXED);
	do
		gp->schedlink = head;
	while (!__atomic_compare_exchange_n(&returned, &head, gp, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

static void *steal(void *arg)
{
	struct runq mine = fresh((uint32_t)(uintptr_t)arg * 0x3fffffffu);
	struct t_rng r = t_rng(t_seed(), (uintptr_t)arg);
	bool inherit;
	linger = 50 + (uint32_t)(uintptr_t)arg * 16;
	__atomic_add_fetch(&up, 1, __ATOMIC_RELAXED);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct g *gp = runqsteal(&mine, &shared, t_below(&r, 2));
		uint32_t n = 0;
		for (; gp != NULL; gp = runqget(&mine, &inherit), n++)
			give_back(gp);
		CHECK(n <= RUNQ / 2);
		__atomic_add_fetch(&stolen, n, __ATOMIC_RELAXED);
		if (n == 0 || t_below(&r, 16) == 0)
			sched_yield();
	}
	return NULL;
}

static void with_thieves(void)
{
	static struct g *mine[GS];
	static uint64_t in[GS];
	pthread_t t[THIEVES];
	struct t_rng r = t_rng(t_seed(), 99);
	int n = GS;
	for (int i = 0; i < GS; i++)
		mine[i] = &items[i];
	shared = fresh(UINT32_MAX - 12345);
	for (uintptr_t i = 0; i < THIEVES; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, steal, (void *)(i + 1)), 0);
	while (__atomic_load_n(&up, __ATOMIC_RELAXED) < THIEVES)
		sched_yield();
	for (int round = 0; round < ROUNDS; round++) {
		if (round % 500 == 0)
			sched_yield();
		struct gqueue spill = { .n = 0 };
		bool inherit;
		struct g *gp;
		// mostly full for a while, then mostly empty
		bool fill = round / 3000 % 2 ? t_below(&r, 4) == 0 : t_below(&r, 16) != 0;
		if (fill && n > 0) {
			gp = mine[--n];
			in[index_of(gp)]++;
			if (runqput(&shared, gp, t_below(&r, 3) == 0, &spill)) {
				CHECK_EQ(spill.n, RUNQ / 2 + 1);
				while ((gp = gqueue_pop(&spill)) != NULL) {
					out[index_of(gp)]++;
					mine[n++] = gp;
				}
			}
		} else if ((gp = runqget(&shared, &inherit)) != NULL) {
			__atomic_add_fetch(&out[index_of(gp)], 1, __ATOMIC_RELAXED);
			mine[n++] = gp;
		}
		for (gp = __atomic_exchange_n(&returned, NULL, __ATOMIC_ACQUIRE); gp != NULL;) {
			struct g *after = gp->schedlink;
			mine[n++] = gp;
			gp = after;
		}
		CHECK(n <= GS);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < THIEVES; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	bool inherit;
	for (struct g *gp; (gp = runqget(&shared, &inherit)) != NULL; n++)
		out[index_of(gp)]++;
	for (struct g *gp = returned; gp != NULL; gp = gp->schedlink)
		n++;
	CHECK_EQ(n, GS);
	for (int i = 0; i < GS; i++)
		CHECK_EQ(in[i], out[i]);
	CHECK(runqempty(&shared));
	printf("%u stolen\n", stolen);
}

// ---- never empty ------------------------------------------------------------------------------------

// Of a g that goes from runnext to the ring, one who looks at the ring first and at runnext then might see neither.
enum { ASKERS = 2, TURNS = ROUNDS / 10 };
static uint32_t turn, over;    // A: the turn that has begun, and the last that is to end
static uint32_t asked[ASKERS]; // A: the last turn each has finished; the queue is not empty before

static void *ask(void *arg)
{
	uint32_t me = (uint32_t)(uintptr_t)arg;
	linger = 5 + 2 * me;
	for (uint32_t i = 1; i <= TURNS; i++) {
		while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) < i)
			sched_yield();
		do
			CHECK(!runqempty(&shared));
		while (__atomic_load_n(&over, __ATOMIC_ACQUIRE) < i);
		__atomic_store_n(&asked[me], i, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void moment(struct t_rng *r)
{
	for (uint64_t n = t_below(r, 2) ? t_below(r, 1000) : 0; n > 0; n--)
		__asm__ volatile("");
	if (t_below(r, 4) == 0)
		sched_yield();
}

static void never_empty(void)
{
	pthread_t t[ASKERS];
	struct t_rng r = t_rng(t_seed(), 7);
	bool inherit;
	shared = fresh(UINT32_MAX - 1000);
	for (uintptr_t i = 0; i < ASKERS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, ask, (void *)i), 0);
	for (uint32_t i = 1; i <= TURNS; i++) {
		put(&shared, 0, t_below(&r, 4) != 0);
		__atomic_store_n(&turn, i, __ATOMIC_RELEASE);
		moment(&r);
		put(&shared, 1, t_below(&r, 4) != 0);
		if (t_below(&r, 4) == 0)
			moment(&r);
		CHECK(runqget(&shared, &inherit) != NULL);
		moment(&r);
		__atomic_store_n(&over, i, __ATOMIC_RELEASE);
		for (int k = 0; k < ASKERS; k++)
			while (__atomic_load_n(&asked[k], __ATOMIC_ACQUIRE) != i)
				sched_yield();
		CHECK(runqget(&shared, &inherit) != NULL);
		is_empty(&shared);
	}
	for (int i = 0; i < ASKERS; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
}

int main(void)
{
	t_seed();
	for (int i = 0; i < HEADS; i++) {
		levels(heads[i]);
		next_first(heads[i]);
		spills(heads[i], false);
		spills(heads[i], true);
		drains(heads[i]);
		for (int j = i % 3; j < HEADS; j += 3)
			steals(heads[i], heads[j], j % 2);
	}
	with_thieves();
	never_empty();
	return 0;
}
