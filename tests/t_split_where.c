// The limit is right wherever code compiled with -fsplit-stack runs: a goroutine's own, on whatever thread it is; none before the runtime is
// up, on plain threads (those too that get a dead thread's memory), on a thread's own stack, in a child, on stacks of somebody else's. Poisoned there, it is
// made right again, and nobody waits. A signal handler is no place to wait either.
// FLAGS: -fsplit-stack
// FLAGS: -fsplit-stack -O0
// EMBED
// ENV: GARN_MAXHOGS=0
// PROCS: 1 2
#include "t_retake.h"
#include "t_split.h"
#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>

enum { ROUNDS = T_SCALED(200) };

ALONE static int frames(int n)
{
	char small[20], large[1000];
	__asm__ volatile("" : : "r"(small), "r"(large) : "memory");
	small[n % 20] = large[n % 1000] = (char)n;
	return n ? frames(n - 1) + small[n % 20] - large[n % 1000] + 1 : 0;
}

// Nothing is looked at, before and behind.
ALONE static void nolimit(void)
{
	CHECK_EQ(t_limit(), 0);
	CHECK_EQ(frames(20), 20);
	t_poison();
	CHECK_EQ(frames(20), 20);
	CHECK_EQ(t_limit(), 0);
}

// sysmon may poison it at any time: what is wrong stays wrong.
__attribute__((noinline, no_split_stack)) static void mylimit(void)
{
	void *lo, *hi;
	uint64_t now;
	garn_stack_bounds(&lo, &hi);
	for (int i = 0; (now = t_limit()) == (uint64_t)T_POISON && i < 100; i++)
		CHECK_EQ(frames(0), 0);
	CHECK_EQ(now, (uintptr_t)lo + T_RED);
}

static void *thread(void *unused)
{
	nolimit();
	return unused;
}

// Of a size for which the C library has what threads before had.
static void threads(size_t size)
{
	pthread_t t[4];
	pthread_attr_t a;
	CHECK(pthread_attr_init(&a) == 0 && pthread_attr_setstacksize(&a, size) == 0);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_create(&t[i], &a, thread, NULL), 0);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	pthread_attr_destroy(&a);
}

static void onthread(void *arg)
{
	nolimit();
	*(int *)arg = 1;
}

static volatile int handled;
static void handler(int sig)
{
	(void)sig;
	CHECK_EQ(frames(10), 10);
	t_poison();
	CHECK_EQ(frames(10), 10);
	handled++;
}

// sysmon wants the processor meanwhile.
static void longhandler(int sig)
{
	(void)sig;
	uint32_t before = GET(ticks);
	for (int64_t end = t_now() + 60000000; t_now() < end;)
		CHECK_EQ(frames(10), 10);
	CHECK_EQ(GET(ticks), before);
	handled++;
}

static void raised(void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };
	int before = handled;
	CHECK_EQ(sigaction(SIGUSR1, &sa, NULL), 0);
	CHECK_EQ(pthread_kill(pthread_self(), SIGUSR1), 0);
	CHECK_EQ(handled, before + 1);
	mylimit();
}

static ucontext_t here, there;
static void coroutine(void)
{
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(frames(10), 10);
		t_poison();
		CHECK_EQ(frames(10), 10);
		swapcontext(&there, &here);
	}
}

static void coroutines(void)
{
	static char stack[64 << 10] __attribute__((aligned(16)));
	getcontext(&there);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = sizeof stack;
	there.uc_link = &here;
	makecontext(&there, coroutine, 0);
	for (int i = 0; i < 3; i++) {
		swapcontext(&here, &there);
		mylimit();
	}
}

static void child(void)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		t_poison();
		CHECK_EQ(frames(10), 10);
		nolimit();
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
}

// Ends with its thread; all at the same time, so that not all of that is needed for new ones.
static void tied(garn_waitgroup *wg, chan(int) gate)
{
	garn_lock_os_thread();
	chan_recv(gate);
	mylimit();
	garn_waitgroup_done(wg);
}

static void wanders(garn_waitgroup *wg)
{
	for (int i = 0; i < ROUNDS; i++) {
		mylimit();
		CHECK_EQ(frames(30), 30);
		if (i % 10 == 0)
			garn_sleep(GARN_US(50));
		else
			garn_yield();
	}
	garn_waitgroup_done(wg);
}

static int first(int argc, char **argv)
{
	(void)argc, (void)argv;
	garn_waitgroup wg = { 0 };
	int was = 0;
	mylimit();
	garn_waitgroup_add(&wg, 16);
	chan(int) gate = chan_make(int, 0);
	for (int i = 0; i < 8; i++)
		go(tied, &wg, gate);
	for (int i = 0; i < 8; i++)
		go(wanders, &wg);
	garn_sleep(GARN_MS(5));
	chan_close(gate);
	garn_waitgroup_wait(&wg);
	garn_sleep(GARN_MS(20)); // the tied ones' threads are gone, most likely, and their memory is to be had
	threads(200 << 10);
	garn_on_thread_stack(onthread, &was);
	CHECK(was);
	mylimit();
	raised(handler, SA_ONSTACK);
	raised(handler, 0);
	coroutines();
	child();
	if (garn_gomaxprocs(0) == 1) {
		go(t_ticking);
		t_ticks(3);
		raised(longhandler, 0);
		t_ticks(3);
		raised(longhandler, SA_ONSTACK);
	}
	return 7;
}

int main(int argc, char **argv)
{
	nolimit();
	threads(128 << 10);
	CHECK_EQ(garn_run(first, argc, argv), 7);
	nolimit();
	threads(128 << 10);
	return 0;
}
