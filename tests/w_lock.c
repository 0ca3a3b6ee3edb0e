// FLAGS: -O2
// FLAGS: -DGARN_CHECK
// LINK: arch/arch.c core/lock.c core/hard.c core/throw.c core/globals.c base/print.c os/futex.c os/clock.c os/fail.c os/mem.c os/thread.c os/cpu.c
// The runtime's lock. Exact counts under 2 to 16 threads; long sections, so that waiters do sleep and do wake, even when
// marks are lost; futexes that fail; a lock that is freed by its next holder; ranks.
// Sizes: 20 million sections; 16 threads; waits of 300 ms; 2,000 locks freed.
#define _GNU_SOURCE 1
#include "base/atomic.h"
#include "os/os.h"

// unlock, as it is compiled into this file, lingers behind its store for afterstore microseconds, and its wake-ups are
// counted.
static __thread uint32_t afterstore;
static uint32_t wakes;
#undef store_rel
#define store_rel(p, v) (__atomic_store_n((p), (v), __ATOMIC_RELEASE), (void)(afterstore != 0 ? os_usleep(afterstore) : (void)0))
static void counted_wake(uint32_t *addr, uint32_t n)
{
	add_rlx(&wakes, 1);
	os_futexwake(addr, n);
}
#define os_futexwake counted_wake
#include "core/lock.h"
#include "core/throw.h"
#include "os/internal.h"
#include "test.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { MOST = 16, MS = 1000000, SECTIONS = T_SCALED(20000000) };
static struct lock l;
static uint64_t count[2]; // apart: a torn section shows
static int sections, pause_every;
static pthread_barrier_t barrier;

static void *hammer(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < sections; i++) {
		if (i % 7 == 3 && trylock(&l)) {
			// taken
		} else {
			lock(&l);
		}
		CHECK_EQ(count[0], count[1]);
		count[0]++;
		if (pause_every != 0 && i % pause_every == 0)
			os_usleep(200);
		count[1]++;
		unlock(&l);
		if (i % 5 == 0)
			cpu_relax(); // let others find it free at their first look
	}
	return NULL;
}

static void exact(int threads, int total, int every)
{
	pthread_t t[MOST];
	count[0] = count[1] = 0;
	sections = total / threads;
	pause_every = every;
	CHECK_EQ(pthread_barrier_init(&barrier, NULL, (unsigned)threads), 0);
	int64_t start = t_now();
	for (int i = 0; i < threads; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, hammer, NULL), 0);
	for (int i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&barrier);
	CHECK_EQ(count[0], (uint64_t)sections * (uint64_t)threads);
	CHECK_EQ(count[1], count[0]);
	CHECK_EQ(l.key, 0);
	printf("%2d threads, %d sections: %.0f ns each\n", threads, sections * threads, (double)(t_now() - start) / (sections * threads));
}

static uint32_t inside;

static void *sleeper(void *arg)
{
	struct rusage a, b;
	int64_t *cpu = arg;
	getrusage(RUSAGE_THREAD, &a);
	add_rlx(&inside, 1);
	lock(&l);
	unlock(&l);
	getrusage(RUSAGE_THREAD, &b);
	*cpu = (b.ru_utime.tv_sec - a.ru_utime.tv_sec) * 1000000 + b.ru_utime.tv_usec - a.ru_utime.tv_usec +
	       (b.ru_stime.tv_sec - a.ru_stime.tv_sec) * 1000000 + b.ru_stime.tv_usec - a.ru_stime.tv_usec;
	return NULL;
}

// Who waits for a long time sleeps, marks the lock, and gets it soon after it is free; with lost set, the mark is wiped
// as unlock's plain store may do, and nobody is woken.
static void sleeps(bool lost)
{
	enum { N = 4 };
	pthread_t t[N];
	int64_t cpu[N], all = 0;
	inside = wakes = 0;
	lock(&l);
	for (int i = 0; i < N; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, sleeper, &cpu[i]), 0);
	while (load_rlx(&inside) < N)
		os_yield();
	os_usleep(300000);
	CHECK_EQ(load_rlx(&l.key), 2);
	CHECK_EQ(load_rlx(&wakes), 0);
	int64_t start = t_now();
	if (lost) {
		unlock_check(&l);
		store_rel(&l.key, 0);
	} else {
		unlock(&l);
		CHECK(load_rlx(&wakes) > 0);
	}
	for (int i = 0; i < N; i++)
		pthread_join(t[i], NULL);
	CHECK(t_now() - start < 5000ll * MS);
	CHECK_EQ(l.key, 0);
	for (int i = 0; i < N; i++)
		all += cpu[i];
	CHECK(all < 100000); // microseconds of CPU, for four in 300 ms of waiting
}

struct boxed {
	struct lock l;
	uint32_t arrived;
};
static struct boxed *box;

static void *closer(void *arg)
{
	for (int n = 0;;) {
		struct boxed *b;
		for (int i = 0; (b = load_acq(&box)) == NULL; i++)
			if (i % 100 == 99)
				os_yield();
		store_rlx(&box, NULL);
		if (b == (void *)&box)
			return arg;
		afterstore = n++ % 4 == 0 ? 300 : 0;
		lock(&b->l);
		b->arrived = 1;
		unlock(&b->l);
	}
}

// The next holder unmaps the lock as soon as he has it: the last unlock must not look at it again.
static void freed(int n)
{
	pthread_t t;
	CHECK_EQ(pthread_create(&t, NULL, closer, NULL), 0);
	// all at once, or a page would soon be mapped again where one was unmapped
	char *pages = mmap(NULL, (size_t)n * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED);
	for (int i = 0; i < n; i++) {
		struct boxed *b = (struct boxed *)(pages + (size_t)i * 4096);
		lockinit(&b->l, RANK_CHAN);
		store_rel(&box, b);
		bool done = false;
		for (int j = 0; !done; j++) {
			lock(&b->l);
			done = b->arrived != 0;
			unlock(&b->l);
			if (j % 100 == 99)
				os_yield();
		}
		munmap(b, 4096);
	}
	store_rel(&box, (void *)&box);
	pthread_join(t, NULL);
}

#ifdef GARN_CHECK
static struct m me;
static struct lock chan1, chan2, timers, leaf;

// fn must die saying text.
static void dies(void (*fn)(void), const char *text)
{
	int fd[2], status;
	char got[512];
	CHECK_EQ(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fd[1], 2);
		fn();
		_exit(0);
	}
	close(fd[1]);
	ssize_t k = read(fd[0], got, sizeof got - 1);
	got[k > 0 ? k : 0] = '\0';
	close(fd[0]);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) != 2 || strstr(got, text) == NULL) {
		fprintf(stderr, "expected \"%s\", got status %d and \"%s\"\n", text, WEXITSTATUS(status), got);
		t_die(1);
	}
}

static void wrong_order(void) { lock(&leaf); lock(&timers); }
static void same_rank(void) { struct lock other; lockinit(&other, RANK_LEAF); lock(&leaf); lock(&other); }
static void chan_last(void) { lock(&timers); lock(&chan1); }
static void chan_between(void) { lock(&chan1); lock(&timers); lock(&chan2); }
static void again(void) { lock(&leaf); lock(&leaf); }
static void not_held(void) { unlock(&leaf); }
static void *take_leaf(void *arg) { (void)arg; lock(&leaf); return NULL; }
static void not_mine(void)
{
	pthread_t t;
	pthread_create(&t, NULL, take_leaf, NULL);
	pthread_join(t, NULL);
	unlock(&leaf);
}

static void ranks(void)
{
	garn_g = &me.g0s;
	me.g0s.m = &me;
	me.g0 = &me.g0s;
	lockinit(&chan1, RANK_CHAN);
	lockinit(&chan2, RANK_CHAN);
	lockinit(&timers, RANK_TIMERS);
	lockinit(&leaf, RANK_LEAF);
	// what is allowed: channels together, upwards, given up in any order
	lock(&chan1);
	lock(&chan2);
	lock(&timers);
	unlock(&chan1);
	lock(&leaf);
	unlock(&timers);
	unlock(&leaf);
	CHECK_EQ(me.locks, 1);
	unlock(&chan2);
	CHECK_EQ(me.heldranks, 0);
	CHECK_EQ(me.locks, 0);
	dies(wrong_order, "lock: taken out of order");
	dies(same_rank, "lock: taken out of order");
	dies(chan_last, "lock: taken out of order");
	dies(chan_between, "lock: taken out of order");
	dies(again, "lock: taken twice by one thread");
	dies(not_held, "unlock: not locked");
	dies(not_mine, "unlock: locked by another thread");
	garn_g = NULL;
}
#else
static void ranks(void) {}
#endif

int main(void)
{
	lockinit(&l, RANK_SCHED);
	CHECK(trylock(&l));
	CHECK(!trylock(&l));
	unlock(&l);
	exact(1, SECTIONS, 0);
	exact(2, SECTIONS, 0);
	exact(4, SECTIONS, 0);
	exact(16, SECTIONS, 0);
	exact(8, T_SCALED(10000), 10);
	sleeps(false);
	sleeps(true);
	freed(T_SCALED(2000));
	CHECK(failinit("futex:1+"));
	exact(8, T_SCALED(10000), 100);
	CHECK(failinit(NULL));
	ranks();
	return 0;
}
