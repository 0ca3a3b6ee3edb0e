// One timer at a time: when it fires, its period, its stop, its reuse, also when its memory was given back meanwhile; and memory refused.
// LINK: base/heap.c core/hard.c core/slab.c timer/timer.c
#include "w_timer.h"

static int calls;
static void *lastarg;
static uint32_t lastseq;
static int64_t lastnow;

static void note_call(void *arg, uint32_t seq, int64_t now)
{
	calls++;
	lastarg = arg;
	lastseq = seq;
	lastnow = now;
}

static void basics(void)
{
	struct timers *ts = newheap();
	int a, b;
	struct timer *t = timer_new(note_call, &a), *u = timer_new(note_call, &b);
	bool wake;
	CHECK_EQ(timers_next(ts), 0);
	CHECK(!timers_any(ts));
	CHECK(!timer_stop(t));

	CHECK(!timer_start(t, ts, 100, 0, 7, &wake));
	CHECK(wake);
	CHECK_EQ(timers_next(ts), 100);
	CHECK(timers_any(ts));
	CHECK(!timer_start(u, ts, 200, 0, 8, &wake));
	CHECK(!wake);
	CHECK(!step(ts, 99));
	CHECK(step(ts, 100)); // not before, and not after its moment
	CHECK(calls == 1 && lastarg == &a && lastseq == 7 && lastnow == 100);
	CHECK(!timer_stop(t)); // too late
	CHECK_EQ(timers_next(ts), 200);
	CHECK(!step(ts, 199));
	CHECK(step(ts, 1000));
	CHECK(calls == 2 && lastarg == &b && lastseq == 8 && lastnow == 1000);
	CHECK_EQ(timers_next(ts), 0);
	CHECK_EQ(ts->len, 0);

	// No moment is too early to be told from "none".
	timer_start(t, ts, 0, 0, 0, &wake);
	CHECK_EQ(timers_next(ts), 1);
	timer_start(t, ts, INT64_MIN, 0, 0, &wake);
	CHECK_EQ(timers_first(ts), 1);
	CHECK_EQ(run(ts, 1), 1);
	timer_free(t);
	timer_free(u);
	free(ts);
}

static void stops(void)
{
	struct timers *ts = newheap(), *other = newheap();
	struct timer *t = timer_new(note_call, NULL);
	bool wake;
	timer_start(t, ts, 50, 0, 1, &wake);
	CHECK(timer_stop(t));
	CHECK(!timer_stop(t));
	CHECK_EQ(timers_next(ts), 50); // may be early...
	CHECK(!timers_any(ts));        // ... but not when asked exactly
	CHECK_EQ(timers_next(ts), 0);
	CHECK_EQ(run(ts, 1000), 0);

	// Later, earlier, in another heap, and back: only the last arming counts, and it is never late.
	CHECK(!timer_start(t, ts, 50, 0, 2, &wake));
	CHECK(timer_start(t, ts, 70, 0, 3, &wake));
	CHECK(wake); // the dead one is out of the way
	CHECK(timer_start(t, ts, 20, 0, 4, &wake));
	CHECK(wake);
	CHECK(timer_start(t, other, 10, 0, 5, &wake));
	CHECK(wake);
	CHECK(!timers_any(ts));
	calls = 0;
	CHECK_EQ(run(ts, 1000), 0);
	CHECK_EQ(run(other, 9), 0);
	CHECK_EQ(run(other, 10), 1);
	CHECK(calls == 1 && lastseq == 5);
	CHECK(!timer_start(t, ts, 60, 0, 6, &wake));
	CHECK(timer_start(t, other, 80, 0, 7, &wake));
	CHECK(timer_start(t, ts, 40, 0, 8, &wake));
	CHECK_EQ(run(other, 1000), 0);
	CHECK_EQ(run(ts, 40), 1);
	CHECK_EQ(lastseq, 8);
	CHECK_EQ(run(ts, 1000), 0);

	// By stamp: only its own arming.
	uint64_t first = timer_arm(t, ts, 5, 0, 0, &wake);
	CHECK(timer_pending(t, first));
	CHECK(timer_cancel(t, first));
	CHECK(!timer_cancel(t, first));
	uint64_t second = timer_arm(t, ts, 5, 0, 0, &wake);
	CHECK(first != second && !timer_pending(t, first) && !timer_cancel(t, first));
	CHECK(timer_pending(t, second));
	CHECK_EQ(run(ts, 5), 1);
	CHECK(!timer_pending(t, second) && !timer_cancel(t, second));
	timer_free(t);
	free(ts);
	free(other);
}

// What is given back while armed does not fire, and an old entry does not fire for the next owner.
static void reuse(void)
{
	struct timers *ts = newheap();
	struct timer *t = timer_new(note_call, NULL);
	bool wake;
	int64_t live = timer_live();
	uint64_t stamp = timer_arm(t, ts, 50, 0, 1, &wake);
	timer_free(t);
	CHECK_EQ(timer_live(), live - 1);
	CHECK_EQ(ts->zombies, 1);
	struct timer *u = timer_new(note_call, ts);
	CHECK(SAN_THREAD || u == t); // the last freed comes first, or this test would test nothing
	CHECK(!timer_cancel(u, stamp));
	timer_start(u, ts, 90, 0, 2, &wake);
	CHECK(!timer_cancel(u, stamp));
	calls = 0;
	CHECK_EQ(run(ts, 89), 0);
	CHECK_EQ(run(ts, 90), 1);
	CHECK(calls == 1 && lastseq == 2 && lastarg == ts);

	// What is on its way keeps what it was started with.
	int a;
	struct due d;
	timer_start(u, ts, 100, 0, 3, &wake);
	CHECK(timers_due(ts, 100, &d));
	timer_free(u);
	struct timer *v = timer_new(NULL, &a);
	CHECK(SAN_THREAD || v == u);
	CHECK(d.f == note_call && d.arg == ts && d.seq == 3);
	timer_free(v);

	// Without an argument a timer gets itself.
	u = timer_new(note_call, NULL);
	timer_start(u, ts, 110, 0, 4, &wake);
	CHECK_EQ(run(ts, 110), 1);
	CHECK(lastarg == u);
	timer_free(u);
	CHECK_EQ(timer_live(), live - 1);
	free(ts);
}

// Has it a page of its own, and not the kernel's page of zeros?
static bool haspage(void *p)
{
	uint64_t e = 0;
	FILE *f = fopen("/proc/self/pagemap", "r");
	CHECK(f != NULL && fseek(f, (long)((uintptr_t)p / 4096 * 8), SEEK_SET) == 0 && fread(&e, 8, 1, f) == 1);
	fclose(f);
	return e >> 56 & 1;
}

// Its memory is given back while dead entries still point to it, and who armed it remembers the stamps: nobody brings a page back, and
// whoever gets the memory next is not disturbed.
static void gone(void)
{
	static struct timer low, high; // in no slab
	struct timers *ts = newheap();
	bool wake;
	giveback();
	struct timer *t = timer_new(note_call, NULL);
	timer_start(&low, ts, 10, 0, 1, &wake);
	uint64_t first = timer_arm(t, ts, 50, 0, 2, &wake);
	timer_start(&high, ts, 1000, 0, 3, &wake);
	CHECK(timer_stop(t));
	uint64_t second = timer_arm(t, ts, 60, 50, 4, &wake);
	timer_start(&high, ts, 2000, 0, 5, &wake);
	CHECK(timer_stop(t));
	CHECK(haspage(t));
	timer_free(t);
	CHECK_EQ(giveback(), 1);
	CHECK(ts->len >= 4 && !haspage(t));
	CHECK_EQ(timer_live(), 0);
	CHECK(!timer_cancel(t, first) && !timer_cancel(t, second) && !timer_pending(t, second));
	CHECK(timer_stop(&low));
	CHECK_EQ(run(ts, 55), 0); // the first falls off the heap
	CHECK(!haspage(t));

	struct timer *next = timer_new(note_call, &wake);
	CHECK(next == t); // made anew, from the first on
	CHECK(!timer_cancel(t, second));
	timer_start(t, ts, 70, 0, 6, &wake);
	calls = 0;
	CHECK_EQ(run(ts, 69), 0);
	CHECK_EQ(run(ts, 70), 1);
	CHECK(calls == 1 && lastseq == 6 && lastarg == &wake);
	timer_free(t);
	CHECK_EQ(giveback(), 1);
	CHECK(timer_stop(&high));
	free(ts);
}

static int64_t fired_at[64];
static int nfired;

static void note_time(void *arg, uint32_t seq, int64_t now)
{
	(void)arg, (void)seq;
	fired_at[nfired++] = now;
}

static void periods(void)
{
	struct timers *ts = newheap();
	struct timer *t = timer_new(note_time, NULL), *u = timer_new(note_call, NULL);
	bool wake;
	timer_start(t, ts, 100, 10, 0, &wake);
	nfired = 0;
	for (int64_t now = 95; now <= 150; now++)
		CHECK_EQ(run(ts, now), now >= 100 && now % 10 == 0);
	CHECK_EQ(nfired, 6);
	// Ticks nobody came for are dropped, and the rhythm is kept.
	CHECK_EQ(timers_next(ts), 160);
	CHECK_EQ(run(ts, 195), 1);
	CHECK_EQ(timers_next(ts), 200);
	CHECK_EQ(run(ts, 219), 1);
	CHECK_EQ(timers_next(ts), 220);
	CHECK_EQ(run(ts, 220), 1);
	CHECK_EQ(timers_next(ts), 230);
	// Among others.
	timer_start(u, ts, 235, 0, 0, &wake);
	CHECK(!wake);
	CHECK_EQ(run(ts, 234), 1);
	CHECK_EQ(timers_next(ts), 235);
	CHECK_EQ(run(ts, 240), 2);
	// Its next tick is armed when this one fires, and so comes after what was armed for the same moment before.
	timer_start(u, ts, 250, 0, 0, &wake);
	CHECK(!wake);
	CHECK_EQ(run(ts, 249), 0);
	calls = 0;
	CHECK(step(ts, 250) && calls == 0);
	timer_start(t, ts, 250, 10, 0, &wake);
	timer_start(u, ts, 260, 0, 0, &wake);
	CHECK(step(ts, 250) && calls == 0);
	CHECK(step(ts, 260) && calls == 1);
	CHECK(step(ts, 260) && calls == 1);
	CHECK(timer_stop(t));
	CHECK(!timer_stop(t));
	CHECK_EQ(run(ts, 10000), 0);
	// Armed anew as one that fires once.
	timer_start(t, ts, 20, 5, 0, &wake);
	CHECK(timer_start(t, ts, 10, 0, 0, &wake));
	CHECK_EQ(run(ts, 10000), 1);
	CHECK_EQ(ts->len, 0);
	// Numbers that do not fit end at the end of time, and do not wrap.
	timer_start(t, ts, INT64_MAX - 10, 20, 0, &wake);
	CHECK_EQ(run(ts, INT64_MAX - 5), 1);
	CHECK_EQ(timers_next(ts), INT64_MAX);
	timer_start(t, ts, 5, INT64_MAX, 0, &wake);
	CHECK_EQ(run(ts, 6), 1);
	CHECK_EQ(timers_next(ts), INT64_MAX);
	timer_start(t, ts, 1, INT64_MAX / 2 - 10, 0, &wake);
	CHECK_EQ(run(ts, INT64_MAX - 1), 1);
	CHECK_EQ(timers_next(ts), INT64_MAX);
	timer_free(t);
	timer_free(u);
	free(ts);
}

static void deadlines(void)
{
	CHECK_EQ(timer_deadline(100, 5), 105);
	CHECK_EQ(timer_deadline(100, 0), 100);
	CHECK_EQ(timer_deadline(100, -1), 100);
	CHECK_EQ(timer_deadline(100, INT64_MIN), 100);
	CHECK_EQ(timer_deadline(100, INT64_MAX), INT64_MAX);
	CHECK_EQ(timer_deadline(100, INT64_MAX - 100), INT64_MAX);
	CHECK_EQ(timer_deadline(100, INT64_MAX - 101), INT64_MAX - 1);
}

static void refusals(void)
{
	struct timers *ts = newheap();
	bool wake;
	struct timer *t = timer_new(note_call, NULL);
	refuse = true;
	if (sigsetjmp(refused, 0) == 0) {
		timer_start(t, ts, 5, 0, 0, &wake);
		CHECK(!"armed without memory");
	}
	if (sigsetjmp(refused, 0) == 0)
		for (;;)
			timer_new(note_call, NULL);
	refuse = false;
	timer_free(t); // the pool can still be used
	free(ts);
}

int main(void)
{
	timerinit();
	basics();
	stops();
	reuse();
	if (!SAN_THREAD)
		gone();
	periods();
	deadlines();
	CHECK_EQ(timer_live(), 0);
	refusals();
	return 0;
}
