// Timers, tickers and after against a scheduler that is only a list: time is a number, and a callback that is on its
// way can be kept there as long as we like, while its object is stopped, freed and made anew.
// LINK: base/heap.c core/hard.c core/slab.c timer/timer.c time/timer.c time/ticker.c time/sleep.c sync/chan.c
#include "sync/sudog.h"
#include "time/time.h"
#include "core/slab.h"
#include "core/throw.h"
#include "garn.h"
#include "sync/chan.h"
#include "test.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#undef errno

// ---- stand-ins --------------------------------------------------------------------------------------

static struct timers heap;
static int64_t now = 1000;
static struct m selfm;
static struct g self = { .m = &selfm }, extra[4];
static struct g *readied[16];
static int nreadied, wakes;
static int64_t wakewhen;
static struct { void (*fn)(void *); void *arg; bool system; } spawned[16];
static int nspawned;
struct hooks hooks;
struct sched sched;
uint32_t asym_slow;
__thread struct g *garn_g;

void lockinit(struct lock *l, enum lockrank rank) { (void)rank; memset(l, 0, sizeof *l); }
void lock_slow(struct lock *l) { while (!cas_acq(&l->key, 0, 1)) sched_yield(); }
#ifdef GARN_CHECK
void lock_check(struct lock *l) { (void)l; }
void unlock_check(struct lock *l) { (void)l; }
#endif
uint64_t os_random(void) { return t_seed(); }
void os_yield(void) { sched_yield(); }
void os_futexwake(uint32_t *addr, uint32_t n) { (void)addr, (void)n; }
void os_futexsleep(uint32_t *addr, uint32_t val, int64_t ns) { (void)addr, (void)val; now += ns / 2 + 1; }
int64_t os_nanotime(void) { return now; }
void *os_mmap(size_t n) { return mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
void *os_mmapaligned(size_t n, bool huge) { (void)n, (void)huge; char *p = os_mmap(2 * OS_HUGEPAGE); return p + -(uintptr_t)p % OS_HUGEPAGE; }
bool os_munmap(void *p, size_t n) { return munmap(p, n) == 0; }
void os_unused(void *p, size_t n) { madvise(p, n, MADV_DONTNEED); }
void throw(const char *msg) { fprintf(stderr, "throw: %s\n", msg); t_die(1); }
void fatal(const char *msg) { throw(msg); }
void panic(const char *msg) { throw(msg); }
void fatal_os(const char *what, int err, const char *advice) { (void)err, (void)advice; throw(what); }
int *garn_errno_location(void) { return __errno_location(); }
void callpoint_slow(struct g *me, bool home) { (void)me, (void)home; }
struct g *needm(void) { return &self; }
struct timers *mytimers(void) { return &heap; }
void wakenetpoller(int64_t when) { wakes++; wakewhen = when; }
void holdg(struct g *gp, enum unpackby by) { (void)gp, (void)by; throw("nobody is packed here"); }
void letgog(struct g *gp) { (void)gp; }
void goready(struct g *gp) { readied[nreadied++] = gp; }
void select_timedout(void *gp, uint32_t gen, int64_t now) { (void)now; if (select_win(gp, gen)) goready(gp); }
#ifdef GARN_HARD
void hard_yield(void) { }
#endif
bool parkunlock(struct g *gp, void *l) { (void)gp; unlock((struct lock *)l); return true; }

struct g *newproc_call(void (*fn)(void *), void *arg, bool system)
{
	CHECK(nspawned < 16);
	spawned[nspawned].fn = fn;
	spawned[nspawned].arg = arg;
	spawned[nspawned++].system = system;
	return NULL;
}

// Park until readied by what becomes due; time passes.
static uint32_t generation;
static void run_due(void);

void gopark(bool (*unlockf)(struct g *, void *), void *l, enum waitreason why)
{
	(void)why;
	CHECK_EQ(nreadied, 0);
	if (unlockf != NULL && !unlockf(&self, l))
		return;
	generation = self.selectdone;
	while (nreadied == 0) {
		CHECK(timers_next(&heap) != 0);
		if (timers_next(&heap) > now)
			now = timers_next(&heap);
		run_due();
	}
	CHECK(nreadied == 1 && readied[0] == &self);
	nreadied = 0;
}

// ---- helpers ----------------------------------------------------------------------------------------

static void call(struct due d)
{
	d.f(d.arg, d.seq, now);
}

static void run_due(void)
{
	struct due d;
	while (timers_due(&heap, now, &d))
		call(d);
}

// Pop what is due after ns more, and keep it.
static struct due take(int64_t ns)
{
	struct due d;
	now += ns;
	CHECK(timers_due(&heap, now, &d));
	return d;
}

static void nothing_due(int64_t ns)
{
	struct due d;
	now += ns;
	CHECK(!timers_due(&heap, now, &d));
	CHECK(!timers_any(&heap));
}

static int calls;
static void *lastarg;

static void fn(void *arg)
{
	calls++;
	lastarg = arg;
}

static void run_spawned(void)
{
	for (int i = 0; i < nspawned; i++)
		spawned[i].fn(spawned[i].arg);
	nspawned = 0;
}

// Memory that is poison as soon as it is freed, with or without ASan.
static void *object(size_t n)
{
	return calloc(1, n);
}

static void drop(void *p, size_t n)
{
	memset(p, 0xdd, n);
	free(p);
}

// ---- timers -----------------------------------------------------------------------------------------

static void timer_plain(void)
{
	garn_timer t = { 0 };
	int arg;
	wakes = 0;
	garn_timer_start(&t, 100, fn, &arg);
	CHECK(wakes == 1 && wakewhen == now + 100);
	CHECK_EQ(timer_live(), 1);
	call(take(100));
	CHECK(nspawned == 1 && !spawned[0].system);
	CHECK_EQ(timer_live(), 0); // returned before the function runs
	run_spawned();
	CHECK(calls == 1 && lastarg == &arg);
	CHECK(!garn_timer_stop(&t));

	garn_timer_start(&t, 100, fn, &arg);
	CHECK(garn_timer_stop(&t));
	CHECK_EQ(timer_live(), 0);
	CHECK(!garn_timer_stop(&t));
	nothing_due(1000);

	CHECK(!garn_timer_reset(&t, 100));
	CHECK(garn_timer_reset(&t, 50));
	CHECK(garn_timer_reset(&t, 200));
	CHECK_EQ(timer_live(), 1);
	now += 199;
	struct due d;
	CHECK(!timers_due(&heap, now, &d));
	call(take(1));
	nothing_due(10000);
	CHECK_EQ(nspawned, 1);
	run_spawned();
	CHECK_EQ(timer_live(), 0);
}

// On its way: stop says it is too late, the object goes, and the function still runs, once, with its own argument.
static void timer_late(void)
{
	int a, b;
	garn_timer *t = object(sizeof *t);
	calls = 0;
	garn_timer_start(t, 10, fn, &a);
	struct due d = take(10);
	CHECK(!garn_timer_stop(t));
	drop(t, sizeof *t);
	CHECK_EQ(timer_live(), 1); // the callback's
	call(d);
	CHECK_EQ(timer_live(), 0);
	run_spawned();
	CHECK(calls == 1 && lastarg == &a);

	// The same with the object used again meanwhile, by start and by reset.
	t = object(sizeof *t);
	garn_timer_start(t, 10, fn, &a);
	d = take(10);
	garn_timer_start(t, 10, fn, &b); // it has fired: no mistake
	struct due e = take(10);
	CHECK(!garn_timer_reset(t, 10));
	CHECK(garn_timer_stop(t));
	call(e);
	call(d);
	CHECK_EQ(nspawned, 2);
	CHECK(spawned[0].arg == &b && spawned[1].arg == &a);
	run_spawned();
	nothing_due(1000);
	CHECK(!garn_timer_stop(t));
	CHECK_EQ(timer_live(), 0);

	// A timer that went back to the pool and out again to another: the old object has no power over it.
	garn_timer *u = object(sizeof *u);
	garn_timer_start(t, 10, fn, &a);
	call(take(10));
	garn_timer_start(u, 10, fn, &b);
	CHECK(!garn_timer_stop(t));
	CHECK(!garn_timer_reset(t, 500));
	CHECK(garn_timer_stop(t));
	garn_timer_start(t, 500, fn, &a);
	CHECK(garn_timer_stop(t));
	call(take(10));
	CHECK(spawned[1].arg == &b);
	run_spawned();
	drop(t, sizeof *t);
	drop(u, sizeof *u);
	CHECK_EQ(timer_live(), 0);
}

static void timer_many(void)
{
	enum { N = 5000 };
	garn_timer *t = object(N * sizeof *t);
	for (int i = 0; i < N; i++)
		garn_timer_start(&t[i], 1000 + i % 77, fn, NULL);
	CHECK_EQ(timer_live(), N);
	for (int i = 0; i < N; i += 2)
		CHECK(garn_timer_stop(&t[i]));
	CHECK_EQ(timer_live(), N / 2);
	now += 2000;
	struct due d;
	while (timers_due(&heap, now, &d)) {
		call(d);
		run_spawned();
	}
	for (int i = 0; i < N; i++)
		CHECK(!garn_timer_stop(&t[i]));
	CHECK_EQ(timer_live(), 0);
	CHECK_EQ(heap.len, 0);
	drop(t, N * sizeof *t);
}

// The function frees the object while start is on its way out, on another thread: start must be done with it by then.
enum { ROUNDS = 3000 / T_SCALE };
static uint32_t freed; // A

static void free_racing(void *arg)
{
	garn_timer *t = arg;
	memset(t, 0xdd, sizeof *t);
	free(t);
	add_acqrel(&freed, 1);
}

static void *starter(void *arg)
{
	(void)arg;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		garn_timer *t = object(sizeof *t);
		garn_timer_start(t, 0, free_racing, t);
		while (load_acq(&freed) != i + 1)
			sched_yield();
	}
	return NULL;
}

static void timer_freed(void)
{
	pthread_t th;
	CHECK_EQ(pthread_create(&th, NULL, starter, NULL), 0);
	while (load_acq(&freed) != ROUNDS) {
		run_due();
		run_spawned();
		if (timers_next(&heap) == 0)
			sched_yield();
	}
	pthread_join(th, NULL);
	nothing_due(0);
	CHECK_EQ(timer_live(), 0);
}

// ---- tickers ----------------------------------------------------------------------------------------

static void ticker_plain(void)
{
	int64_t v;
	garn_ticker k = { 0 };
	wakes = 0;
	chan(int64_t) c = garn_ticker_start(&k, 100);
	CHECK(wakes == 1 && wakewhen == now + 100);
	CHECK_EQ(chan_cap(c), 1);
	call(take(100));
	CHECK(chan_len(c) == 1 && chan_try_recv(c, &v) && v == now);
	int64_t first = now;
	call(take(100)); // one waits
	call(take(100)); // and this one is dropped
	CHECK(chan_len(c) == 1 && chan_try_recv(c, &v));
	CHECK_EQ(v, first + 100);
	call(take(1000)); // nine were missed
	struct due d;
	CHECK(!timers_due(&heap, now, &d));
	CHECK(chan_try_recv(c, &v));
	CHECK_EQ(v, first + 1200);
	CHECK_EQ(timers_next(&heap), first + 1300);

	// Somebody waits: it is made ready, with the value in its place.
	struct sudog sg = { .g = &extra[0], .elem = &v, .c = c };
	garn_chan *raw = (garn_chan *)c;
	raw->recvq.first = raw->recvq.last = &sg;
	call(take(100));
	CHECK(nreadied == 1 && readied[0] == &extra[0] && v == now && sg.success);
	nreadied = 0;
	CHECK_EQ(chan_len(c), 0);

	garn_ticker_stop(&k);
	garn_ticker_stop(&k);
	nothing_due(10000);
	CHECK_EQ(timer_live(), 0);
}

// Ticks on their way when it is stopped and its timer's memory given back: nothing, and nothing to the ticker that gets it next, whose number
// none had before.
static void ticker_gone(void)
{
	bool later = false;
	garn_ticker k = { 0 };
	int64_t v;
	CHECK(slabscavenge(sched.coarsenow + 5000000000, &later)); // so that the next timer is the first
	garn_ticker_start(&k, 100);
	struct due d = take(100);
	struct due e = take(100);
	garn_ticker_stop(&k);
	CHECK_EQ(timer_live(), 0);
	CHECK(slabscavenge(sched.coarsenow + 5000000000, &later));
	call(d);
	chan(int64_t) c = garn_ticker_start(&k, 100);
	struct due f = take(100);
	CHECK(f.arg == e.arg && f.seq != e.seq);
	call(e);
	CHECK_EQ(chan_len(c), 0);
	call(f);
	CHECK(chan_try_recv(c, &v) && v == now);
	garn_ticker_stop(&k);
	nothing_due(1000);
}

// Ticks on their way when it is stopped: not sent, whether the channel is gone, held, or the timer is another's by now.
static void ticker_late(void)
{
	int64_t v;
	garn_ticker *k = object(sizeof *k), *other = object(sizeof *other);
	garn_ticker_start(k, 100);
	struct due d = take(100);
	garn_ticker_stop(k); // frees the channel
	drop(k, sizeof *k);
	call(d);

	k = object(sizeof *k);
	chan(int64_t) c = chan_ref(garn_ticker_start(k, 100));
	d = take(100);
	struct due e = take(100);
	call(take(100));
	CHECK_EQ(chan_len(c), 1);
	garn_ticker_stop(k);
	CHECK_EQ(chan_len(c), 0); // drained
	call(d);
	CHECK_EQ(chan_len(c), 0);
	chan(int64_t) c2 = garn_ticker_start(other, 70); // gets the same timer
	call(e);
	CHECK(chan_len(c) == 0 && chan_len(c2) == 0);
	call(take(70));
	CHECK(chan_len(c) == 0 && chan_len(c2) == 1 && chan_try_recv(c2, &v) && v == now);
	garn_ticker_stop(other);

	// The same ticker started again: a tick of its first life is not one of the second.
	d = (garn_ticker_start(k, 100), take(100));
	garn_ticker_stop(k);
	c2 = garn_ticker_start(k, 100);
	call(d);
	CHECK_EQ(chan_len(c2), 0);
	garn_ticker_stop(k);

	// The timer as a garn_timer's meanwhile.
	garn_timer t = { 0 };
	garn_ticker_start(k, 100);
	d = take(100);
	garn_ticker_stop(k);
	garn_timer_start(&t, 1000, fn, NULL);
	call(d);
	CHECK_EQ(nspawned, 0);
	CHECK(garn_timer_stop(&t));

	// Two on their way, the second overtakes the first: time does not go back.
	c2 = garn_ticker_start(k, 100);
	d = take(100);
	int64_t early = now;
	e = take(100);
	call(e);
	CHECK(chan_try_recv(c2, &v) && v == now);
	d.f(d.arg, d.seq, early);
	CHECK_EQ(chan_len(c2), 0);
	garn_ticker_stop(k);

	nothing_due(10000);
	CHECK_EQ(timer_live(), 0);
	chan_unref(c);
	drop(k, sizeof *k);
	drop(other, sizeof *other);
}

// ---- after ------------------------------------------------------------------------------------------

static void afters(void)
{
	int64_t v;
	chan(int64_t) c = garn_after(100);
	CHECK_EQ(((garn_chan *)c)->refs, 1);
	CHECK_EQ(((garn_chan *)c)->elemsize, 8);
	call(take(100));
	CHECK_EQ(timer_live(), 0);
	CHECK_EQ(((garn_chan *)c)->refs, 1);
	CHECK(chan_try_recv(c, &v) && v == now);
	chan_unref(c);

	// Dropped before: channel and timer end there and then.
	c = chan_ref(garn_after(100));
	chan_unref(c);
	CHECK_EQ(timer_live(), 1);
	chan_unref(c);
	CHECK_EQ(timer_live(), 0);
	nothing_due(1000);

	// Dropped while on its way: nothing is freed on g0, a goroutine of the library does it.
	c = garn_after(100);
	struct due d = take(100);
	chan_unref(c);
	CHECK_EQ(timer_live(), 1);
	call(d);
	CHECK_EQ(timer_live(), 0);
	CHECK(nspawned == 1 && spawned[0].system);
	run_spawned();

	// Dropped too late, when its timer is another's already: that one goes on.
	c = garn_after(100);
	call(take(100));
	chan(int64_t) next = garn_after(100);
	chan_unref(c);
	CHECK_EQ(timer_live(), 1);
	call(take(100));
	CHECK(chan_try_recv(next, &v) && v == now);
	chan_unref(next);
	CHECK_EQ(nspawned, 0);

	// Closed by its user.
	c = garn_after(100);
	chan_close(c);
	call(take(100));
	CHECK(!chan_recv_ok(c, &v));
	chan_unref(c);

	// Somebody waits; the channel may be gone as soon as it is ready.
	c = garn_after(100);
	struct sudog sg = { .g = &extra[1], .elem = &v, .c = c };
	garn_chan *raw = (garn_chan *)c;
	raw->recvq.first = raw->recvq.last = &sg;
	call(take(100));
	CHECK(nreadied == 1 && readied[0] == &extra[1] && v == now && raw->refs == 1);
	nreadied = 0;
	chan_unref(c);
	nothing_due(1000);
	CHECK_EQ(timer_live(), 0);
}

// ---- sleep ------------------------------------------------------------------------------------------

static void sleeps(void)
{
	int64_t t = now;
	garn_sleep(0);
	garn_sleep(-1);
	garn_sleep(INT64_MIN);
	CHECK(now == t && self.timer == NULL);
	garn_sleep(100);
	CHECK_EQ(now, t + 100);
	struct timer *mine = self.timer;
	CHECK(mine != NULL);
	for (int i = 1; i < 100; i++) {
		t = now;
		garn_sleep(i);
		CHECK(now == t + i && self.timer == mine); // one timer for good
	}
	CHECK_EQ(timer_live(), 1);
	// A callback of an earlier wait wakes nobody.
	uint32_t old = generation;
	mine->f(mine->arg, old, now);
	CHECK_EQ(nreadied, 0);
	garn_sleep(5);
	mine->f(mine->arg, old, now);
	CHECK_EQ(nreadied, 0);
	timer_free(mine);

	// A thread sleeps by itself, however often it is woken early.
	self.foreign = true;
	self.timer = NULL;
	t = now;
	garn_sleep(1000);
	CHECK(now >= t + 1000 && self.timer == NULL);
	self.foreign = false;

	// To the end of time.
	garn_sleep(INT64_MAX);
	CHECK_EQ(now, INT64_MAX);
	timer_free(self.timer);
	CHECK_EQ(timer_live(), 0);
}

int main(void)
{
	timerinit();
	timersinit(&heap);
	garn_g = &self;
	CHECK_EQ(garn_now(), now);
	timer_plain();
	timer_late();
	timer_many();
	timer_freed();
	ticker_plain();
	ticker_late();
	if (!SAN_THREAD)
		ticker_gone();
	afters();
	sleeps();
	munmap(heap.heap, heap.cap * sizeof *heap.heap);
	return 0;
}
