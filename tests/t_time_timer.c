// garn_timer: the function runs once for each arming that was not stopped, in a goroutine of its own, not early; stop
// and reset say exactly what they did; the object belongs to the user again as soon as the function runs or
// stop has returned.
#include "garn.h"
#include "test.h"

static uint32_t ran;
static chan(int) ranc;

static void count(void *arg)
{
	__atomic_fetch_add(arg != NULL ? (uint32_t *)arg : &ran, 1, __ATOMIC_RELEASE);
}

static void tell(void *arg)
{
	chan_send(ranc, (int)(intptr_t)arg);
}

static uint32_t so_far(void)
{
	return __atomic_load_n(&ran, __ATOMIC_ACQUIRE);
}

static uint64_t goid_of_fn;

static void who(void *arg)
{
	goid_of_fn = garn_goid();
	garn_sleep(GARN_US(10)); // it may wait
	chan_send(ranc, *(int *)arg);
}

static void basics(void)
{
	garn_timer t = { 0 };
	int answer = 42;
	int64_t start = garn_now();
	CHECK(!garn_timer_stop(&t));
	garn_timer_start(&t, GARN_MS(2), who, &answer);
	CHECK_EQ(chan_recv(ranc), 42);
	CHECK(garn_now() - start >= GARN_MS(2));
	CHECK(goid_of_fn != garn_goid() && goid_of_fn != 0);
	CHECK(!garn_timer_stop(&t)); // too late, and again
	CHECK(!garn_timer_stop(&t));

	// The same object for another function.
	garn_timer_start(&t, GARN_US(100), tell, (void *)7);
	CHECK_EQ(chan_recv(ranc), 7);
	static const int64_t none[] = { 0, -1, INT64_MIN };
	for (int i = 0; i < 3; i++) {
		garn_timer_start(&t, none[i], tell, (void *)(intptr_t)i);
		CHECK_EQ(chan_recv(ranc), i);
	}

	static const int64_t far[] = { INT64_MAX, INT64_MAX - 1, GARN_S(3600) };
	for (int i = 0; i < 3; i++) {
		garn_timer_start(&t, far[i], count, NULL);
		CHECK(garn_timer_reset(&t, far[2 - i]));
		CHECK(garn_timer_stop(&t));
		CHECK(!garn_timer_stop(&t));
	}
	CHECK_EQ(so_far(), 0);
}

static void resets(void)
{
	garn_timer t = { 0 };
	// Put off, and brought forward: the last word counts.
	garn_timer_start(&t, GARN_S(3600), tell, (void *)1);
	CHECK(garn_timer_reset(&t, GARN_S(7200)));
	int64_t start = garn_now();
	CHECK(garn_timer_reset(&t, GARN_MS(1)));
	CHECK_EQ(chan_recv(ranc), 1);
	CHECK(garn_now() - start >= GARN_MS(1));
	// After it fired: false, and it runs again, with the same argument.
	CHECK(!garn_timer_reset(&t, GARN_US(10)));
	CHECK_EQ(chan_recv(ranc), 1);
	// After a stop too.
	CHECK(!garn_timer_reset(&t, GARN_S(3600)));
	CHECK(garn_timer_stop(&t));
	CHECK(!garn_timer_reset(&t, 0));
	CHECK_EQ(chan_recv(ranc), 1);
	// Behind others that are earlier, and in front of others that are later.
	garn_timer many[100] = { 0 };
	for (int i = 0; i < 100; i++)
		garn_timer_start(&many[i], GARN_S(100 + i), count, NULL);
	start = garn_now();
	CHECK(garn_timer_reset(&many[57], GARN_MS(1)));
	while (so_far() == 0)
		garn_sleep(GARN_US(100));
	CHECK(garn_now() - start >= GARN_MS(1));
	for (int i = 0; i < 100; i++)
		CHECK_EQ(garn_timer_stop(&many[i]), i != 57);
	CHECK_EQ(so_far(), 1);
	ran = 0;
}

struct self {
	garn_timer t;
	int left;
};

// A function that starts its own timer again, and at last gives it back: nobody touches it after.
static void again(void *arg)
{
	struct self *s = arg;
	if (s->left-- == 0) {
		free(s);
		chan_send(ranc, 1);
	} else if (s->left % 2) {
		CHECK(!garn_timer_reset(&s->t, s->left % 3 * 1000));
	} else {
		garn_timer_start(&s->t, s->left % 3 * 1000, again, s);
	}
}

static void selves(void)
{
	enum { N = 50 };
	for (int i = 0; i < N; i++) {
		struct self *s = calloc(1, sizeof *s);
		s->left = 20 + i;
		garn_timer_start(&s->t, 0, again, s);
	}
	for (int i = 0; i < N; i++)
		chan_recv(ranc);
}

// Freed by the function while start is still on its way out, as often as there is a chance.
static void free_at_once(void *arg)
{
	free(arg);
	chan_send(ranc, 1);
}

static void frees(void)
{
	enum { N = 3000 / T_SCALE };
	for (int i = 0; i < N; i++) {
		garn_timer *t = calloc(1, sizeof *t);
		garn_timer_start(t, i % 2 ? 0 : 200, free_at_once, t);
		if (i % 8 == 7)
			for (int k = 0; k < 8; k++)
				chan_recv(ranc);
	}
	for (int k = 0; k < N % 8; k++)
		chan_recv(ranc);
}

// On a stack frame that is gone after stop; filled with something else at once.
static void __attribute__((noinline)) framed(uint32_t *r, uint32_t *stopped)
{
	garn_timer t = { 0 };
	garn_timer_start(&t, 300, count, r);
	for (int i = 0; i < 3; i++)
		garn_yield();
	*stopped += garn_timer_stop(&t);
	memset(&t, 0xff, sizeof t);
	__asm__ volatile("" : : "r"(&t) : "memory");
}

static void frames(void)
{
	enum { N = 3000 / T_SCALE };
	static uint32_t r, stopped;
	for (int i = 0; i < N; i++)
		framed(&r, &stopped);
	while (__atomic_load_n(&r, __ATOMIC_ACQUIRE) + stopped != N)
		garn_sleep(GARN_US(100));
}

// Timers whose functions start timers: a tree.
struct node {
	garn_timer t;
	int depth;
};

static void grow(void *arg)
{
	struct node *n = arg;
	if (n->depth > 0)
		for (int i = 0; i < 3; i++) {
			struct node *kid = calloc(1, sizeof *kid);
			kid->depth = n->depth - 1;
			garn_timer_start(&kid->t, i * 1000, grow, kid);
		}
	else
		count(NULL);
	free(n);
}

static void tree(void)
{
	struct node *n = calloc(1, sizeof *n);
	n->depth = T_SCALE > 1 ? 4 : 6;
	uint32_t leaves = n->depth == 4 ? 81 : 729;
	garn_timer_start(&n->t, 0, grow, n);
	while (so_far() != leaves)
		garn_sleep(GARN_US(100));
	ran = 0;
}

// Stop and reset against firing: each arming ends once.
enum { NT = 40 };
struct exact {
	garn_timer t;
	uint32_t ran, ended, armed;
};

static void count_exact(void *arg)
{
	__atomic_fetch_add(&((struct exact *)arg)->ran, 1, __ATOMIC_RELEASE);
}

static void exactly(int seed, chan(int) done)
{
	struct exact *x = calloc(NT, sizeof *x);
	struct t_rng r = t_rng(t_seed(), (uint64_t)seed);
	for (int i = 0; i < NT; i++) {
		garn_timer_start(&x[i].t, (int64_t)t_below(&r, 200000), count_exact, &x[i]);
		x[i].armed = 1;
	}
	for (int k = 0; k < 5000 / T_SCALE; k++) {
		struct exact *e = &x[t_below(&r, NT)];
		if (t_below(&r, 3) == 0) {
			e->ended += garn_timer_stop(&e->t);
		} else {
			e->ended += garn_timer_reset(&e->t, (int64_t)t_below(&r, 100000) - 1000);
			e->armed++;
		}
		if (t_below(&r, 50) == 0)
			garn_sleep(GARN_US(50));
	}
	for (int i = 0; i < NT; i++) {
		x[i].ended += garn_timer_stop(&x[i].t);
		while (__atomic_load_n(&x[i].ran, __ATOMIC_ACQUIRE) + x[i].ended < x[i].armed)
			garn_sleep(GARN_US(50));
	}
	garn_sleep(GARN_MS(1)); // whatever would come too much
	for (int i = 0; i < NT; i++)
		CHECK_EQ(__atomic_load_n(&x[i].ran, __ATOMIC_ACQUIRE) + x[i].ended, x[i].armed);
	free(x);
	chan_send(done, 1);
}

int main(void)
{
	t_seed(); // the first call, before there are others
	ranc = chan_make(int, 0);
	basics();
	resets();
	selves();
	frees();
	frames();
	tree();
	chan(int) done = chan_make(int, 0);
	for (int i = 0; i < 8; i++)
		go(exactly, i, done);
	for (int i = 0; i < 8; i++)
		chan_recv(done);
	chan_unref(done);
	chan_unref(ranc);
	return 0;
}
