/* Timers: the heap of each P, and the pool.
 *
 * Each arming is an entry of its own, in the heap of the P that armed it, with a stamp that is never used again.
 * A timer's state holds the stamp of its live entry: an entry that finds another there is dead, and is
 * dropped when somebody meets it: at either end of the heap when one is added, when it would be due, or in a sweep once
 * they are a quarter. So stop is one compare-and-swap, whoever calls it; arming anew from another P is a stop and a
 * fresh entry there, so an earlier deadline is never late; and an entry never has to be found. `state`,
 * from -> to [function]:
 *
 *   FREE  -> IDLE    [timer_new]
 *   0     -> FREE    [made]
 *   IDLE  -> FREE    [timer_free]
 *   IDLE  -> stamp   [timer_arm: by the one who owns the timer, under the heap's lock]
 *   stamp -> IDLE    [timer_cancel, and through it timer_stop, timer_start, timer_free; fire, of one that fires once]
 *   stamp -> stamp'  [fire, of a periodic one: a tick later]
 *   FREE  -> 0       [its page goes back to the kernel: core/slab.c]
 *
 *   1. At most one entry in all heaps is alive for a timer, and exactly one while its state is a stamp.
 *   2. minwhen is heap[0].when, or 0 when the heap is empty, whenever the lock is free.
 *   3. f and arg change only while state is FREE, period only while it is IDLE. fire reads them before its compare-and-swap: when that
 *      finds the stamp still there, they were that arming's (the pair TM2: who sees a later value also sees
 *      that the stamp has gone).
 *   4. Entries of equal `when` in one heap fire in the order they were armed: stamps rise. They end in the heap's
 *      number, so that they differ between heaps too, and stop knows where to count a zombie.
 *   5. zombies is a hint: a sweep sets it to 0.
 *   6. Who may be late (a dead entry, the stamp of an arming long over) writes nothing unless he sees his stamp: else he would bring back
 *      a page that was given back. All of a timer reads as 0 then, and 0 is no stamp.
 *
 * Rejected: Go's way, a lock in each timer, states in it, entries that are mended later by the owner of the heap (three locks to
 * arm, and the earliest modified deadline as a second minimum); deleting from the heap at once (needs its lock and
 * the entry's index, which each sift would write into the timers). */
#include "timer/timer.h"
#include "core/slab.h"
#include "core/throw.h"
#include <errno.h>

enum { FIRSTCAP = 4096 / sizeof(struct heapent), FEW = 16 };
#define IDLE ((uint64_t)0)
#define FREE (~(uint64_t)0)

static struct timers *heaps[MAXPROCS]; /* I, by id */
static uint32_t nheaps;                /* A: rises in timersinit */

/* The table above. A stamp is followed only by a later one. */
static void check(uint64_t from, uint64_t to)
{
	bool armed = from != IDLE && from != FREE, arms = to != IDLE && to != FREE;
	(void)armed, (void)arms;
	assert_rt((from == FREE && to == IDLE) || (from == IDLE && to == FREE) || (from == IDLE && arms) ||
	          (armed && to == IDLE) || (armed && arms && from != to));
}

/* ---- The pool ---------------------------------------------------------------------------------- */

static void made(void *x)
{
	struct timer *t = x;
	t->state = FREE;
}

void timerinit(void)
{
	slabinit(SLAB_TIMER, &(struct slabkind){ .size = sizeof(struct timer), .made = made });
}

/* Runs on: any. Never parks. */
struct timer *timer_new(void (*f)(void *, uint32_t, int64_t), void *arg)
{
	struct timer *t = slabnew(SLAB_TIMER);
	if (unlikely(!t))
		fatal_os("no memory for a timer", ENOMEM, "see " MEMORY_LIMITS);
	san_acquire(t); /* data, of whom it was before */
	check(load_rlx(&t->state), IDLE);
	store_rel(&t->f, f);                             // rel[TM2]: whoever sees it sees that the stamp has gone
	store_rel(&t->arg, arg != NULL ? arg : (void *)t); // rel[TM2]
	store_rel(&t->state, IDLE);                      // rel[TM1]
	return t;
}

/* Runs on: any. Never parks. */
void timer_free(struct timer *t)
{
	timer_stop(t);
	check(load_rlx(&t->state), FREE);
	san_release(t);
	store_rel(&t->state, FREE); // rel[TM1]
	slabfree(SLAB_TIMER, t);
}

/* Runs on: any. Never parks. */
int64_t timer_live(void)
{
	return slabout(SLAB_TIMER);
}

/* ---- A heap ------------------------------------------------------------------------------------ */

/* Runs on: any, before others know ts, which is zeroed memory. Never parks. */
g0func void timersinit(struct timers *ts)
{
	uint32_t id = add_rlx(&nheaps, 1) - 1;
	if (id >= MAXPROCS)
		throw("too many timer heaps");
	ts->id = id;
	lockinit(&ts->lock, RANK_TIMERS);
	heaps[id] = ts;
}

static uint64_t newstamp(struct timers *ts)
{
	return ++ts->order * MAXPROCS + ts->id;
}

static bool dead(const struct heapent *e)
{
	struct timer *t = e->item;
	return load_acq(&t->state) != e->order; // acq[TM1]
}

/* What a crowd has touched goes back when a quarter of it is left: all but twice that quarter. */
static noinline void shrink(struct timers *ts)
{
	uint32_t keep = (ts->len * 2 + FIRSTCAP - 1) / FIRSTCAP * FIRSTCAP;
	os_unused(ts->heap + keep, (ts->peak - keep) * sizeof *ts->heap);
	ts->peak = keep;
}

/* Everything that changed the heap ends here (invariant 2). */
static void publish(struct timers *ts)
{
	store_rlx(&ts->minwhen, ts->len > 0 ? ts->heap[0].when : 0);
	if (ts->len > ts->peak)
		ts->peak = ts->len;
	if (unlikely(ts->peak > 32 * FIRSTCAP && ts->len < ts->peak / 4))
		shrink(ts);
}

static void setlen(struct timers *ts, uint32_t n)
{
	store_rlx(&ts->len, n);
}

static void drophead(struct timers *ts)
{
	heap_pop(ts->heap, ts->len);
	setlen(ts, ts->len - 1);
}

/* Dead entries at both ends: cheap to drop, and it is where a timeout that was not needed lies. */
static void cleanends(struct timers *ts)
{
	int32_t n = 0;
	for (; ts->len > 0 && dead(&ts->heap[0]); n++)
		drophead(ts);
	for (; ts->len > 0 && dead(&ts->heap[ts->len - 1]); n++)
		setlen(ts, ts->len - 1);
	if (n > 0)
		add_rlx(&ts->zombies, -n);
}

/* So few that they may stay: each costs at most one needless wake-up. */
static bool crowded(struct timers *ts)
{
	return load_rlx(&ts->zombies) > (int32_t)(load_rlx(&ts->len) / 4) + FEW;
}

/* Drop all dead entries. At least a quarter are, so a stop pays for about four. */
static void sweep(struct timers *ts)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < ts->len; i++)
		if (!dead(&ts->heap[i]))
			ts->heap[n++] = ts->heap[i];
	setlen(ts, n);
	heap_make(ts->heap, n);
	store_rlx(&ts->zombies, 0);
	assert_rt(heap_ok(ts->heap, n));
}

/* Room for n entries. */
static void reserve(struct timers *ts, uint32_t n)
{
	if (likely(n <= ts->cap))
		return;
	uint32_t cap = ts->cap > 0 ? ts->cap : FIRSTCAP;
	while (cap < n)
		cap *= 2;
	struct heapent *h = os_mmap(cap * sizeof *h);
	if (h == NULL)
		fatal_os("no memory for a timer", ENOMEM, "see " MEMORY_LIMITS);
	for (uint32_t i = 0; i < ts->len; i++) {
		h[i] = ts->heap[i];
		fence_compiler(); /* or it becomes a call of memcpy, which TSan sees */
	}
	if (ts->heap != NULL)
		os_munmap(ts->heap, ts->cap * sizeof *h);
	ts->heap = h;
	ts->cap = cap;
}

/* Runs on: any. Never parks. */
uint64_t timer_arm(struct timer *t, struct timers *ts, int64_t when, int64_t period, uint32_t seq, bool *wake)
{
	if (when < 1)
		when = 1; // 0 says none
	san_release(t->arg);
	store_rel(&t->period, period); // rel[TM2]: whoever sees it sees that the stamp has gone
	lock(&ts->lock);
	cleanends(ts);
	if (unlikely(ts->len == ts->cap)) {
		if (crowded(ts))
			sweep(ts);
		reserve(ts, ts->len + 1);
	}
	uint64_t stamp = newstamp(ts);
	check(load_rlx(&t->state), stamp);
	store_rel(&t->state, stamp); // rel[TM1]: f, arg, period and what they mean
	uint32_t at = heap_push(ts->heap, ts->len, (struct heapent){ when, stamp, t, seq });
	setlen(ts, ts->len + 1);
	publish(ts);
	unlock(&ts->lock);
	*wake = at == 0;
	return stamp;
}

/* Runs on: any. Never parks. */
bool timer_start(struct timer *t, struct timers *ts, int64_t when, int64_t period, uint32_t seq, bool *wake)
{
	bool was = timer_stop(t);
	timer_arm(t, ts, when, period, seq, wake);
	return was;
}

/* Runs on: any. Never parks. */
bool timer_cancel(struct timer *t, uint64_t stamp)
{
	check(stamp, IDLE);
	if (!timer_pending(t, stamp) || !cas_acqrel(&t->state, stamp, IDLE)) // acqrel[TM1]: comes before what the owner does to the timer next
		return false;
	struct timers *ts = heaps[stamp % MAXPROCS];
	add_rlx(&ts->zombies, 1);
	if (unlikely(crowded(ts)) && trylock(&ts->lock)) {
		sweep(ts);
		publish(ts);
		unlock(&ts->lock);
	}
	return true;
}

/* Runs on: any. Never parks. */
bool timer_stop(struct timer *t)
{
	// More than one turn only for a periodic timer that ticks meanwhile.
	for (;;) {
		uint64_t stamp = load_acq(&t->state); // acq[TM1]
		assert_rt(stamp != FREE);
		if (stamp == IDLE)
			return false;
		if (timer_cancel(t, stamp))
			return true;
	}
}

/* The first moment after now that is a whole number of periods after when. Both are positive. */
static int64_t nexttick(int64_t when, int64_t period, int64_t now)
{
	int64_t skip, next;
	if (__builtin_mul_overflow(period, 1 + (now - when) / period, &skip) || __builtin_add_overflow(when, skip, &next))
		return INT64_MAX;
	return next;
}

/* The head is due. False when it turns out to be dead. */
static bool fire(struct timers *ts, int64_t now, struct due *out)
{
	struct heapent *head = &ts->heap[0];
	struct timer *t = head->item;
	uint64_t stamp = head->order;
	bool alive = !dead(head);
	out->f = load_acq(&t->f);     // acq[TM2]
	out->arg = load_acq(&t->arg); // acq[TM2]
	out->seq = head->tag;
	int64_t period = load_acq(&t->period); // acq[TM2]
	uint64_t to = period > 0 ? newstamp(ts) : IDLE;
	check(stamp, to);
	if (!alive || !cas_acqrel(&t->state, stamp, to)) { // acqrel[TM1]: from here on, stop is too late for this one
		drophead(ts);
		add_rlx(&ts->zombies, -1);
		return false;
	}
	if (period > 0) {
		head->when = nexttick(head->when, period, now);
		head->order = to;
		heap_sink(ts->heap, ts->len);
	} else {
		drophead(ts);
	}
	return true;
}

/* Runs on: any. Never parks. */
bool timers_due(struct timers *ts, int64_t now, struct due *out)
{
	int64_t next = load_rlx(&ts->minwhen);
	if (likely(next == 0 || next > now))
		return false;
	lock(&ts->lock);
	bool fired = false;
	while (!fired && ts->len > 0 && ts->heap[0].when <= now)
		fired = fire(ts, now, out);
	publish(ts);
	unlock(&ts->lock);
	return fired;
}

/* Runs on: any. Never parks. */
int64_t timers_first(struct timers *ts)
{
	if (load_rlx(&ts->minwhen) == 0)
		return 0;
	lock(&ts->lock);
	cleanends(ts);
	publish(ts);
	int64_t when = ts->minwhen;
	unlock(&ts->lock);
	return when;
}

/* Runs on: any. Never parks. */
bool timers_any(struct timers *ts)
{
	return timers_first(ts) != 0;
}
