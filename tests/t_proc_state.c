// What a tied goroutine does to its thread stays there: new threads have the affinity, signal mask, scheduling policy and
// name that the process began with. They are made while the goroutine that needs them sits on a thread changed in every respect.
// PROCS: 8
#define _GNU_SOURCE 1
#include "t_self.h"

#include <garn.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

struct state {
	cpu_set_t cpus;
	sigset_t mask;
	int policy, nice;
	char name[16];
};

static garn_waitgroup wg, tiedwg;
static struct state first;
static uint32_t arrived, changed;
static int P;

static void get(struct state *s)
{
	CPU_ZERO(&s->cpus);
	CHECK_EQ(sched_getaffinity(0, sizeof(s->cpus), &s->cpus), 0);
	CHECK_EQ(pthread_sigmask(SIG_SETMASK, NULL, &s->mask), 0);
	s->policy = sched_getscheduler(0);
	errno = 0;
	s->nice = (int)syscall(SYS_getpriority, 0, 0);
}

static bool masked(const sigset_t *s)
{
	return sigismember(s, SIGUSR1) || sigismember(s, SIGWINCH) || sigismember(s, SIGSEGV);
}

// Another CPU mask, another signal mask, another policy and niceness (one way, for those who are not root).
static void spoil(void)
{
	cpu_set_t one;
	sigset_t all;
	struct sched_param param = { 0 };
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &first.cpus)) {
			CPU_SET(i, &one);
			break;
		}
	CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	sigfillset(&all);
	CHECK_EQ(pthread_sigmask(SIG_BLOCK, &all, NULL), 0);
	CHECK_EQ(sched_setscheduler(0, SCHED_BATCH, &param), 0);
	prctl(PR_SET_NAME, "spoilt", 0, 0, 0);
}

static void look(int me)
{
	struct state s;
	get(&s);
	if ((int)syscall(SYS_gettid) == me)
		return;
	CHECK(CPU_EQUAL(&s.cpus, &first.cpus));
	CHECK(!masked(&s.mask));
	CHECK_EQ(s.policy, first.policy);
	CHECK_EQ(s.nice, first.nice);
	__atomic_fetch_add(&changed, 1, __ATOMIC_RELAXED);
}

// As many threads as Ps, at once.
static void worker(int me, uint32_t n)
{
	look(me);
	__atomic_fetch_add(&arrived, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < n)
		sched_yield();
	garn_waitgroup_done(&wg);
}

static void fill(int me, int n)
{
	arrived = 0;
	garn_waitgroup_add(&wg, n);
	for (int i = 0; i < n; i++)
		go(worker, me, (uint32_t)n);
	garn_waitgroup_wait(&wg);
}

static void tied(void)
{
	garn_lock_os_thread();
	int me = (int)syscall(SYS_gettid);
	spoil();
	fill(me, P);
	struct state s;
	get(&s);
	CHECK(masked(&s.mask)); // and its own is kept
	CHECK_EQ((int)syscall(SYS_gettid), me);
	garn_waitgroup_done(&tiedwg);
} // its thread ends with it

static void child(void)
{
	get(&first);
	P = garn_gomaxprocs(0);
	// From main, tied to the first thread; no other thread has run a goroutine yet.
	garn_lock_os_thread();
	spoil();
	fill((int)syscall(SYS_gettid), P);
	CHECK(changed >= (uint32_t)P - 1);
	// From another, after some threads have gone.
	for (int i = 0; i < 3; i++) {
		garn_waitgroup_add(&tiedwg, 1);
		go(tied);
		garn_waitgroup_wait(&tiedwg);
		garn_sleep(GARN_US(500));
	}
	fill((int)syscall(SYS_gettid), P);
}

// The same with few Ps, many times over in fresh processes: the threads that make threads are just starting then.
static void young(void)
{
	get(&first);
	P = garn_gomaxprocs(0);
	garn_waitgroup_add(&tiedwg, 1);
	go(tied);
	garn_waitgroup_wait(&tiedwg);
}

int main(int argc, char **argv)
{
	char out[4096];
	alarm(60);
	if (argc > 1) {
		(*argv[1] == 'c' ? child : young)();
		return 0;
	}
	for (int i = 0; i < (T_SCALE > 1 ? 3 : 15); i++) {
		int procs = 1 << i % 4;
		char env[32];
		snprintf(env, sizeof(env), "GARN_MAXPROCS=%d", procs);
		int status = t_self(i % 3 ? "young" : "child", (const char *[]){ env, NULL }, out, sizeof(out));
		if (status != 0)
			fprintf(stderr, "%s: %s\n", env, out);
		CHECK_EQ(status, 0);
	}
	return 0;
}
