// Many timers: their order, those that were stopped, a model, threads against one another, and the memory they leave.
// LINK: base/heap.c core/hard.c core/slab.c timer/timer.c
#include "w_timer.h"

enum { MANY = 20000 / T_SCALE };
static struct timer *many[MANY];
static uint32_t order[MANY];
static uint32_t norder;

static void note_order(void *arg, uint32_t seq, int64_t now)
{
	(void)arg, (void)now;
	order[norder++] = seq;
}

static void make_many(void)
{
	for (uint32_t i = 0; i < MANY; i++)
		many[i] = timer_new(note_order, NULL);
}

static void free_many(void)
{
	for (uint32_t i = 0; i < MANY; i++)
		timer_free(many[i]);
}

static void check_heap(struct timers *ts)
{
	CHECK(heap_ok(ts->heap, ts->len));
	CHECK_EQ(ts->minwhen, ts->len > 0 ? ts->heap[0].when : 0);
	CHECK(ts->len <= ts->cap);
}

// Equals fire in the order they were armed, also after a sweep.
static void fifo(void)
{
	struct timers *ts = newheap();
	bool wake;
	make_many();
	for (uint32_t i = 0; i < MANY; i++)
		timer_start(many[i], ts, 10 + i % 3, 0, i, &wake);
	check_heap(ts);
	uint32_t left = 0;
	for (uint32_t i = 0; i < MANY; i++)
		if (i % 7 == 0)
			CHECK(timer_stop(many[i]));
		else
			left++;
	norder = 0;
	CHECK_EQ(run(ts, 12), left);
	uint32_t k = 0;
	for (uint32_t when = 0; when < 3; when++)
		for (uint32_t i = when; i < MANY; i += 3)
			if (i % 7 != 0)
				CHECK_EQ(order[k++], i);
	CHECK_EQ(k, left);
	// The heap that was emptied goes on as before.
	timer_start(many[0], ts, 5, 0, 0, &wake);
	CHECK(wake);
	norder = 0;
	CHECK_EQ(run(ts, 5), 1);
	free_many();
	os_munmap(ts->heap, ts->cap * sizeof *ts->heap);
	free(ts);
}

// Stopped timers do not pile up, whether or not anything is armed or due meanwhile.
static void zombies(void)
{
	struct timers *ts = newheap();
	bool wake;
	make_many();
	for (uint32_t i = 0; i < MANY; i++)
		timer_start(many[i], ts, 1000000 + (int64_t)(i * 7919u % MANY), 0, i, &wake);
	CHECK_EQ(ts->len, MANY);
	uint32_t alive = MANY;
	for (uint32_t i = 0; i < MANY; i++) {
		CHECK(timer_stop(many[i]));
		alive--;
		CHECK(ts->len <= alive + alive / 3 + 24);
	}
	check_heap(ts);
	CHECK(ts->len <= 24);
	CHECK_EQ(timers_first(ts), 0);
	CHECK_EQ(ts->len, 0);
	CHECK_EQ(ts->zombies, 0);
	CHECK(MANY < 5000 || given > 0); // the pages of a crowd go back
	// One timer put off again and again stays one entry, or a few.
	for (int i = 0; i < MANY; i++) {
		timer_start(many[0], ts, 1000 + i, 0, 0, &wake);
		CHECK(wake);
		CHECK_EQ(ts->len, 1);
	}
	// The same among others that stay, before and behind them.
	for (uint32_t i = 1; i < 100; i++)
		timer_start(many[i], ts, 1000000 + i, 0, i, &wake);
	for (int i = 0; i < MANY; i++) {
		timer_start(many[0], ts, i % 2 ? 1000000 + i % 100 : 1000 + i, 0, 0, &wake);
		CHECK(ts->len <= 100 + 100 / 3 + 24);
	}
	norder = 0;
	CHECK_EQ(run(ts, INT64_MAX), 100);
	check_heap(ts);
	free_many();
	CHECK_EQ(ts->len, 0);
	os_munmap(ts->heap, ts->cap * sizeof *ts->heap);
	free(ts);
}

// A long random life, against a model that is only a list.
static void model(struct t_rng *r)
{
	enum { NT = 200, NH = 3 };
	struct timers *ts[NH];
	int64_t when[NT] = { 0 }, period[NT] = { 0 };
	int in[NT] = { 0 };
	bool wake;
	for (int i = 0; i < NH; i++)
		ts[i] = newheap();
	make_many();
	int64_t now = 1;
	for (int k = 0; k < T_SCALED(300000); k++) {
		uint32_t i = (uint32_t)t_below(r, NT);
		int h = (int)t_below(r, NH);
		switch (t_below(r, 8)) {
		case 0: case 1: case 2: case 3: {
			bool was = when[i] != 0;
			when[i] = now + (int64_t)t_below(r, 1000);
			period[i] = t_below(r, 10) == 0 ? 1 + (int64_t)t_below(r, 300) : 0;
			in[i] = h;
			CHECK_EQ(timer_start(many[i], ts[h], when[i], period[i], i, &wake), was);
			CHECK(timers_next(ts[h]) != 0 && timers_next(ts[h]) <= when[i]);
			CHECK(!wake || timers_next(ts[h]) == when[i]);
			break;
		}
		case 4: case 5:
			CHECK_EQ(timer_stop(many[i]), when[i] != 0);
			when[i] = 0;
			break;
		case 6: {
			now += (int64_t)t_below(r, 30);
			int expect = 0;
			for (int t = 0; t < NT; t++)
				expect += when[t] != 0 && in[t] == h && when[t] <= now;
			norder = 0;
			CHECK_EQ(run(ts[h], now), expect);
			int64_t last = 0;
			for (uint32_t o = 0; o < norder; o++) {
				uint32_t t = order[o];
				CHECK(when[t] != 0 && in[t] == h && when[t] >= last && when[t] <= now);
				last = when[t];
				if (period[t] == 0)
					when[t] = 0;
				else
					while (when[t] <= now)
						when[t] += period[t];
			}
			break;
		}
		case 7: {
			int64_t first = 0;
			for (int t = 0; t < NT; t++)
				if (when[t] != 0 && in[t] == h && (first == 0 || when[t] < first))
					first = when[t];
			CHECK(first == 0 || (timers_next(ts[h]) != 0 && timers_next(ts[h]) <= first));
			if (k % 3 == 0)
				CHECK_EQ(timers_first(ts[h]), first);
			break;
		}
		}
		check_heap(ts[h]);
	}
	free_many();
	for (int i = 0; i < NH; i++) {
		if (ts[i]->heap != NULL)
			os_munmap(ts[i]->heap, ts[i]->cap * sizeof *ts[i]->heap);
		free(ts[i]);
	}
}

// Each thread has a heap, and arms, stops and puts off timers that are its own, in anybody's heap; everybody runs
// whatever is due anywhere. Each arming ends exactly once: fired, or stopped, or replaced with true.
enum { NTHREADS = 4, OWN = 64 };

static struct race {
	struct timer *t;
	uint32_t armings; // the owner's
	uint32_t ended;   // armings that the owner saw to have ended by stop or start
	uint32_t fired;   // A
	uint32_t last;    // A: seq of the last that fired
} race[NTHREADS][OWN];
static struct timers *heap[NTHREADS];
static int64_t clock_now = 1; // A
static int64_t rounds;

static void raced(void *arg, uint32_t seq, int64_t now)
{
	struct race *x = arg;
	(void)now;
	CHECK(seq != 0);
	add_acqrel(&x->fired, 1);
	store_rlx(&x->last, seq);
}

static void *racer(void *arg)
{
	int me = (int)(intptr_t)arg;
	struct t_rng r = t_rng(t_seed(), 100 + (uint64_t)me);
	bool wake;
	for (int64_t k = 0; k < rounds; k++) {
		struct race *x = &race[me][t_below(&r, OWN)];
		struct timers *ts = heap[t_below(&r, NTHREADS)];
		switch (t_below(&r, 4)) {
		case 0: case 1: {
			int64_t when = load_rlx(&clock_now) + (int64_t)t_below(&r, 40) - 5;
			x->ended += timer_start(x->t, ts, when, 0, ++x->armings, &wake);
			break;
		}
		case 2:
			x->ended += timer_stop(x->t);
			break;
		case 3:
			run(ts, add_rlx(&clock_now, 1));
			break;
		}
		if (t_below(&r, 64) == 0) {
			// Given back, and got again by whoever is first.
			x->ended += timer_stop(x->t);
			timer_free(x->t);
			x->t = timer_new(raced, x);
		}
	}
	return NULL;
}

static void threads(void)
{
	pthread_t th[NTHREADS];
	rounds = T_SCALED(400000);
	for (int i = 0; i < NTHREADS; i++) {
		heap[i] = newheap();
		for (int k = 0; k < OWN; k++) {
			race[i][k] = (struct race){ 0 };
			race[i][k].t = timer_new(raced, &race[i][k]);
		}
	}
	for (int i = 0; i < NTHREADS; i++)
		CHECK_EQ(pthread_create(&th[i], NULL, racer, (void *)(intptr_t)i), 0);
	for (int i = 0; i < NTHREADS; i++)
		pthread_join(th[i], NULL);
	for (int i = 0; i < NTHREADS; i++) {
		check_heap(heap[i]);
		run(heap[i], INT64_MAX);
		CHECK_EQ(heap[i]->len, 0);
	}
	uint64_t fired = 0, ended = 0;
	for (int i = 0; i < NTHREADS; i++) {
		for (int k = 0; k < OWN; k++) {
			struct race *x = &race[i][k];
			CHECK_EQ(x->fired + x->ended, x->armings);
			fired += x->fired;
			ended += x->ended;
			timer_free(x->t);
		}
		os_munmap(heap[i]->heap, heap[i]->cap * sizeof *heap[i]->heap);
		free(heap[i]);
	}
	CHECK(fired > 0 && ended > 0);
}

// Periodic timers against stop: after the stop nothing new becomes due.
static struct timer *ticking;
static uint32_t stopped_seq; // A
static uint32_t wrong;       // A

static void ticked(void *arg, uint32_t seq, int64_t now)
{
	(void)arg, (void)seq, (void)now;
}

static uint32_t quit;

static void *tickrunner(void *arg)
{
	struct timers *ts = arg;
	while (!load_acq(&quit)) {
		uint32_t before = load_sc(&stopped_seq);
		struct due d;
		if (timers_due(ts, add_rlx(&clock_now, 1), &d) && d.seq <= before)
			add_rlx(&wrong, 1);
	}
	return NULL;
}

static void tickers(void)
{
	struct timers *ts = newheap();
	pthread_t th[2];
	bool wake;
	ticking = timer_new(ticked, NULL);
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&th[i], NULL, tickrunner, ts), 0);
	for (uint32_t seq = 1; seq <= T_SCALED(50000); seq++) {
		timer_start(ticking, ts, load_rlx(&clock_now), 3, seq, &wake);
		for (uint32_t spin = seq % 50; spin > 0; spin--)
			cpu_relax();
		CHECK(timer_stop(ticking)); // a ticker is pending until it is stopped
		store_sc(&stopped_seq, seq);
	}
	store_rel(&quit, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(th[i], NULL);
	CHECK_EQ(wrong, 0);
	timer_free(ticking);
	CHECK(!timers_any(ts));
	os_munmap(ts->heap, ts->cap * sizeof *ts->heap);
	free(ts);
}

int main(void)
{
	timerinit();
	struct t_rng r = t_rng(t_seed(), 0);
	fifo();
	zombies();
	model(&r);
	CHECK_EQ(timer_live(), 0);
	// Only slabs are left.
	int64_t slabs = mapped;
	CHECK(HARD || slabs <= (int64_t)(MANY * sizeof(struct timer) + (256 << 10)));
	make_many();
	free_many();
	CHECK_EQ(mapped, slabs);
	threads();
	tickers();
	CHECK_EQ(timer_live(), 0);
	CHECK_EQ(mapped, slabs);
	return 0;
}
