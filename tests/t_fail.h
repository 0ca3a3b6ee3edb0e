// For tests that refuse the library something: a program that uses all of it, in a process of its own, and what may
// become of it: the right answer, or a fatal error that names what was refused and the limit to look at.
#ifndef T_FAIL_H
#define T_FAIL_H

#include "t_self.h"
#include "t_sync.h"

enum { FAIL_ALIVE = 600, FAIL_ROUNDS = 20, FAIL_TIED = 4, FAIL_THREADS = 4, FAIL_TIMERS = 40, FAIL_DEPTH = 8 };

static garn_waitgroup fail_wg;
static garn_mutex fail_mu;
static uint64_t fail_sum; // under fail_mu

static void fail_add(uint64_t n)
{
	garn_mutex_lock(&fail_mu);
	fail_sum += n;
	garn_mutex_unlock(&fail_mu);
}

// Many alive at once: 1 each.
static void fail_waiter(chan(int) wait)
{
	chan_recv(wait);
	fail_add(1);
	garn_waitgroup_done(&fail_wg);
}

static void fail_alive(void)
{
	int n = T_SCALED(FAIL_ALIVE);
	chan(int) wait = chan_make(int, 0);
	garn_waitgroup_add(&fail_wg, n);
	for (int i = 0; i < n; i++)
		go_with(garn_attr(.stack = i % 16 ? 0 : GARN_KB(16) << i / 16 % 6), fail_waiter, wait);
	chan_close(wait);
	garn_waitgroup_wait(&fail_wg);
	chan_unref(wait);
}

// A tree: 1 for each leaf and each node.
static void fail_tree(chan(int) up, int depth)
{
	int n = 1;
	if (depth > 0) {
		chan(int) c = chan_make(int, depth % 2);
		go(fail_tree, c, depth - 1);
		go(fail_tree, c, depth - 1);
		n += chan_recv(c);
		n += chan_recv(c);
		chan_unref(c);
	}
	chan_send(up, n);
}

static int fail_depth(void)
{
	return T_SCALE > 1 ? 4 : FAIL_DEPTH;
}

static void fail_trees(void)
{
	chan(int) c = chan_make(int, 0);
	go(fail_tree, c, fail_depth());
	fail_add((uint64_t)chan_recv(c));
	chan_unref(c);
}

// One that waits on many things and gets all of them, with pauses: FAIL_ROUNDS from each side.
static void fail_sender(chan(int) c, int pause)
{
	for (int i = 0; i < FAIL_ROUNDS; i++) {
		if (i % 4 == 0)
			garn_sleep(GARN_US(pause));
		chan_send(c, 1);
	}
	garn_waitgroup_done(&fail_wg);
}

static void fail_select(void)
{
	enum { WIDE = 40 };
	chan(int) c[3];
	struct garn_case cases[WIDE];
	int v = 0;
	for (int i = 0; i < 3; i++)
		c[i] = chan_make(int, i);
	for (int i = 0; i < WIDE; i++)
		cases[i] = (struct garn_case){ GARN_CASE_RECV, (garn_chan *)c[i % 3], &v, NULL, 0 };
	garn_waitgroup_add(&fail_wg, 3);
	for (int i = 0; i < 3; i++)
		go(fail_sender, c[i], 10 * i);
	for (int i = 0; i < 3 * FAIL_ROUNDS;) {
		if (i % 8 == 0) {
			garn_select(cases, WIDE);
			fail_add(1), i++;
		} else if (chan_select(on_recv(c[0], &v), on_recv(c[1], &v), on_recv(c[2], &v), on_timeout(GARN_US(20))) < 3) {
			fail_add(1), i++;
		}
	}
	garn_waitgroup_wait(&fail_wg);
	for (int i = 0; i < 3; i++)
		chan_unref(c[i]);
}

// Timers of each kind: 1 for each.
static void fail_fired(void *arg)
{
	(void)arg;
	fail_add(1);
	garn_waitgroup_done(&fail_wg);
}

static void fail_timers(void)
{
	static garn_timer t[FAIL_TIMERS];
	static garn_ticker k;
	garn_waitgroup_add(&fail_wg, FAIL_TIMERS);
	for (int i = 0; i < FAIL_TIMERS; i++)
		garn_timer_start(&t[i], GARN_US(i * 7 % 100), fail_fired, NULL);
	chan(int64_t) tick = garn_ticker_start(&k, GARN_US(50));
	for (int i = 0; i < 3; i++)
		chan_recv(tick);
	garn_ticker_stop(&k);
	chan(int64_t) after = garn_after(GARN_US(30));
	chan_recv(after);
	chan_unref(after);
	garn_waitgroup_wait(&fail_wg);
}

// Tied to their threads, one in two to the end: FAIL_ROUNDS each.
static void fail_echo(chan(int) in, chan(int) out)
{
	for (int i = 0; i < FAIL_ROUNDS; i++)
		chan_send(out, chan_recv(in));
	garn_waitgroup_done(&fail_wg);
}

static void fail_tied(int id)
{
	chan(int) in = chan_make(int, 0), out = chan_make(int, 0);
	garn_lock_os_thread();
	garn_waitgroup_add(&fail_wg, 1);
	go(fail_echo, in, out);
	for (int i = 0; i < FAIL_ROUNDS; i++) {
		chan_send(in, 1);
		fail_add((uint64_t)chan_recv(out));
		if (i % 8 == id)
			garn_sleep(GARN_US(20));
	}
	chan_unref(in);
	chan_unref(out);
	if (id % 2)
		garn_unlock_os_thread();
	garn_waitgroup_done(&fail_wg);
}

static void fail_ties(void)
{
	garn_waitgroup_add(&fail_wg, FAIL_TIED);
	for (int i = 0; i < FAIL_TIED; i++)
		go(fail_tied, i);
	garn_waitgroup_wait(&fail_wg);
}

// Threads that are none of the library's: FAIL_ROUNDS each.
struct fail_foreign {
	chan(int) in, out;
};

static void *fail_thread(void *arg)
{
	struct fail_foreign *f = arg;
	garn_waitgroup_add(&fail_wg, 1);
	go(fail_echo, f->in, f->out);
	for (int i = 0; i < FAIL_ROUNDS; i++) {
		chan_send(f->in, 1);
		fail_add((uint64_t)chan_recv(f->out));
		if (i % 8 == 7)
			garn_sleep(GARN_US(20));
	}
	garn_waitgroup_done(&fail_wg);
	return NULL;
}

static void fail_foreign_go(void *arg)
{
	fail_thread(arg);
}

// A thread that is refused to the test is no matter of the library's: then it is a goroutine.
static void fail_threads(void)
{
	pthread_t t[FAIL_THREADS];
	bool is[FAIL_THREADS];
	struct fail_foreign f[FAIL_THREADS];
	pthread_attr_t attr;
	CHECK_EQ(pthread_attr_init(&attr), 0);
	CHECK_EQ(pthread_attr_setstacksize(&attr, 256 << 10), 0);
	garn_waitgroup_add(&fail_wg, FAIL_THREADS);
	for (int i = 0; i < FAIL_THREADS; i++) {
		f[i] = (struct fail_foreign){ chan_make(int, 0), chan_make(int, 1) };
		is[i] = pthread_create(&t[i], &attr, fail_thread, &f[i]) == 0;
		if (!is[i])
			go(fail_foreign_go, &f[i]);
	}
	garn_waitgroup_wait(&fail_wg); // before the join, which takes the thread with it
	for (int i = 0; i < FAIL_THREADS; i++) {
		if (is[i])
			CHECK_EQ(pthread_join(t[i], NULL), 0);
		chan_unref(f[i].in);
		chan_unref(f[i].out);
	}
	pthread_attr_destroy(&attr);
}

static void fail_stress(void)
{
	fail_alive();
	fail_trees();
	fail_select();
}

// All of it, with other numbers of processors meanwhile.
__attribute__((unused)) static void fail_workload(void)
{
	int old = garn_gomaxprocs(0);
	fail_stress();
	fail_timers();
	fail_ties();
	fail_threads();
	garn_gomaxprocs(12);
	fail_stress();
	garn_gomaxprocs(1);
	fail_trees();
	fail_ties();
	garn_gomaxprocs(old);
	fail_trees();
	uint64_t tree = (2u << fail_depth()) - 1;
	CHECK_EQ(fail_sum, 2 * T_SCALED(FAIL_ALIVE) + 4 * tree + 6 * FAIL_ROUNDS + FAIL_TIMERS +
	                           2 * FAIL_TIED * FAIL_ROUNDS + FAIL_THREADS * FAIL_ROUNDS);
	static const char right[] = "right\n";
	CHECK_EQ(write(1, right, sizeof right - 1), sizeof right - 1);
}

// Is one of these, divided by bars, in the text?
static bool fail_hasone(const char *out, const char *words)
{
	for (size_t n;; words += n + 1) {
		char word[100];
		n = strcspn(words, "|");
		CHECK(n < sizeof word);
		memcpy(word, words, n);
		word[n] = '\0';
		if (strstr(out, word) != NULL)
			return true;
		if (words[n] == '\0')
			return false;
	}
}

static bool fail_has(const char *out, const char *const *words)
{
	for (; *words; words++)
		if (!fail_hasone(out, *words))
			return false;
	return true;
}

// Run ourselves with this variable set. True: it died, saying each of the words, a list that ends with NULL.
__attribute__((unused)) static bool fail_run(const char *var, const char *const *words)
{
	static char buf[1 << 16];
	const char *env[] = { var, NULL };
	const char *out = buf;
	int status = t_self("work", env, buf, sizeof buf);
	const char *right = strstr(out, "right\n");
	if (status == 0 && right != NULL && right[6] == '\0') // what is before it: last words that came too late
		return false;
	if (strncmp(out, "right\n", 6) == 0) // main was about to end when another died
		out += 6;
	if (status == 2 && strncmp(out, "fatal error: ", 13) == 0 && strstr(out, "a bug in garn") == NULL &&
	    words != NULL && fail_has(out, words))
		return true;
	fprintf(stderr, "%s: status %d%s, and said:\n%s\n", var, status, status == 128 + SIGALRM ? " (hung)" : "", out);
	t_die(1);
}

// The n-th call of a kind is refused; with more "+", all that follow too.
__attribute__((unused)) static bool fail_nth(const char *kind, int n, const char *more, const char *const *words)
{
	char var[64];
	snprintf(var, sizeof var, "GARN_FAIL=%s:%d%s", kind, n, more);
	return fail_run(var, words);
}

static void fail_forever(void)
{
	chan_select();
}

// What the child does under a limit: "work", "dead" (a deadlock) or "die".
__attribute__((unused)) static int fail_child(const char *what)
{
	alarm(T_SCALE > 1 ? 200 : 50);
	if (strcmp(what, "work") == 0) {
		fail_workload();
	} else if (strcmp(what, "dead") == 0) {
		for (int i = 0; i < 10; i++)
			go(fail_forever);
		fail_forever();
	} else {
		garn_mutex mu = { { 0 } };
		garn_mutex_unlock(&mu);
	}
	return 0;
}

// Under this limit, which the test's constructor sets, all three go as without it.
__attribute__((unused)) static void fail_limited(int limit)
{
	static char out[1 << 16];
	char var[64];
	const char *const env[] = { var, NULL };
	snprintf(var, sizeof var, "T_LIMIT=%d", limit);
	CHECK_EQ(t_self("work", env, out, sizeof out), 0);
	CHECK_STR(out, "right\n");
	CHECK_EQ(t_self("dead", env, out, sizeof out), 2);
	CHECK(strncmp(out, "fatal error: all goroutines are asleep - deadlock!\n", 51) == 0);
	CHECK_EQ(t_self("die", env, out, sizeof out), 2);
	CHECK(strstr(out, "fatal error: sync: unlock of unlocked mutex\n") != NULL);
	CHECK(strstr(out, "goroutine 1 [running]:\n") != NULL);
}

#endif
