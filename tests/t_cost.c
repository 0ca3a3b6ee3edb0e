// What HACKING.md says operations cost in locked instructions: the program is single-stepped by its parent, which counts them
// between two breakpoints. The least of some tries counts, as now and then a dispatch goes the long way.
// PROCS: 1
// SAN: no-address no-undefined no-thread no-hard (the plain build's instructions are counted)
#include "garn.h"
#include "test.h"
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

enum { TRIES = 12 };

// ---- the operations, each on its common path --------------------------------------------------------

static chan(int) ring, full, there, back, none[3];
static garn_mutex mu;
static garn_rwmutex rw;
static garn_sem sem;
static garn_waitgroup wg, zero;
static garn_once once;
static garn_cond cond;

static void nothing(void) {}
static void echo(void)
{
	for (;;)
		chan_send(back, chan_recv(there));
}
static void yielder(chan(int) stop)
{
	while (!chan_try_recv(stop, NULL))
		garn_yield();
}

static void op_go(void) { go(nothing); }
static void op_go_run(void) { go(nothing); garn_yield(); }
static void op_yield(void) { garn_yield(); }
static void op_send(void) { chan_send(ring, 1); }
static void op_recv(void) { (void)chan_recv(ring); }
static void op_try_send(void) { chan_try_send(full, 1); }
static void op_try_recv(void) { chan_try_recv(none[0], NULL); }
static void op_len(void) { (void)chan_len(ring); (void)chan_cap(ring); }
static void op_trip(void) { chan_send(there, 1); (void)chan_recv(back); }
static void op_select(void) { chan_select(on_recv(full, NULL), on_recv(none[0], NULL)); chan_send(full, 1); }
static void op_default(void) { chan_select(on_recv(none[0], NULL), on_recv(none[1], NULL), on_recv(none[2], NULL), on_default); }
static void op_refs(void) { chan_ref(ring); chan_unref(ring); }
static void op_lock(void) { garn_mutex_lock(&mu); }
static void op_unlock(void) { garn_mutex_unlock(&mu); }
static void op_rw(void) { garn_rwmutex_rlock(&rw); garn_rwmutex_runlock(&rw); garn_rwmutex_lock(&rw); garn_rwmutex_unlock(&rw); }
static void op_sem(void) { garn_sem_release(&sem); garn_sem_acquire(&sem); }
static void op_wg(void) { garn_waitgroup_add(&wg, 1); garn_waitgroup_done(&wg); }
static void op_wait(void) { garn_waitgroup_wait(&zero); }
static void op_once(void) { garn_once_do(&once, nothing); }
static void op_signal(void) { garn_cond_signal(&cond); }

// In this order: what one leaves behind the next may need.
static const struct {
	const char *name;
	void (*fn)(void);
	int most; // locked instructions
	bool others; // beside a goroutine that yields all the time
} ops[] = {
	{ "go", op_go, 0, false },
	{ "go, and its run and end", op_go_run, 2, false },
	{ "yield to nobody", op_yield, 0, false },
	{ "yield, and back", op_yield, 2, true },
	{ "send into a buffer", op_send, 1, false },
	{ "receive from a buffer", op_recv, 1, false },
	{ "try to send, full", op_try_send, 0, false },
	{ "try to receive, empty", op_try_recv, 0, false },
	{ "len and cap", op_len, 0, false },
	{ "a round trip over two channels", op_trip, 6, false },
	{ "select, one ready; and a send", op_select, 2, false },
	{ "select of three with default", op_default, 3, false },
	{ "ref and unref", op_refs, 2, false },
	{ "mutex lock", op_lock, 1, false },
	{ "mutex unlock", op_unlock, 0, false },
	{ "rwmutex, all four", op_rw, 4, false },
	{ "semaphore, both", op_sem, 2, false },
	{ "waitgroup add and done", op_wg, 2, false },
	{ "waitgroup wait for none", op_wait, 0, false },
	{ "once, done before", op_once, 0, false },
	{ "cond signal to nobody", op_signal, 1, false },
};
enum { OPS = sizeof ops / sizeof ops[0] };

// Each between two breakpoints.
static void measured(void)
{
	for (int k = 0; k < 3; k++)
		none[k] = chan_make(int, 0);
	ring = chan_make(int, TRIES);
	full = chan_make(int, 1);
	there = chan_make(int, 0);
	back = chan_make(int, 0);
	chan_send(full, 1);
	garn_once_do(&once, nothing);
	go(echo);
	for (int i = 0; i < OPS; i++) {
		chan(int) stop = chan_make(int, 1);
		if (ops[i].others)
			go(yielder, stop);
		for (int k = 0; k < TRIES; k++) {
			if (ops[i].fn == op_unlock)
				garn_mutex_lock(&mu);
			__asm__ volatile("int3" ::: "memory");
			ops[i].fn();
			__asm__ volatile("int3" ::: "memory");
			if (ops[i].fn == op_lock)
				garn_mutex_unlock(&mu);
			for (int n = 0; n < 3 && !ops[i].others; n++)
				garn_yield(); // what was started ends
		}
		if (ops[i].others)
			chan_send(stop, 1);
		chan_unref(stop);
	}
}

// ---- the parent ---------------------------------------------------------------------------------------

// Is it the instruction of a locked access: the prefix, or an exchange with memory?
static bool locked(const unsigned char *in)
{
	for (;; in++) {
		if (*in == 0xf0)
			return true;
		if (*in != 0x66 && *in != 0xf2 && *in != 0xf3 && *in != 0x2e && *in != 0x3e && *in != 0x64 && *in != 0x65)
			break;
	}
	if ((*in & 0xf0) == 0x40)
		in++;
	return (*in == 0x86 || *in == 0x87) && in[1] < 0xc0;
}

// Go on by req; false when the program has ended, else it stands at a trap.
static bool forth(pid_t pid, int req, int *status)
{
	int sig = 0;
	do {
		CHECK_EQ(ptrace((enum __ptrace_request)req, pid, NULL, (void *)(intptr_t)sig), 0);
		CHECK_EQ(waitpid(pid, status, __WALL), pid);
		if (!WIFSTOPPED(*status))
			return false;
		sig = WSTOPSIG(*status);
	} while (sig != SIGTRAP);
	return true;
}

static long peek(pid_t pid)
{
	struct user_regs_struct regs;
	CHECK_EQ(ptrace(PTRACE_GETREGS, pid, NULL, &regs), 0);
	return ptrace(PTRACE_PEEKTEXT, pid, (void *)regs.rip, NULL);
}

// From one breakpoint to the next.
static int count(pid_t pid, int *status)
{
	int n = 0;
	for (;;) {
		long in = peek(pid);
		if ((in & 0xff) == 0xcc)
			break;
		n += locked((const unsigned char *)&in);
		CHECK(forth(pid, PTRACE_SINGLESTEP, status));
	}
	CHECK(forth(pid, PTRACE_SINGLESTEP, status));
	return n;
}

// Stop the program's other threads, or let them go: a stepped program is slow, and sysmon would find every slice used up.
static void others(pid_t pid, bool stop)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	int found;
	do { // until there is none that was made while we looked
		DIR *d = opendir(path);
		CHECK(d);
		found = 0;
		for (struct dirent *e; (e = readdir(d));) {
			pid_t tid = atoi(e->d_name);
			int status;
			if (tid == 0 || tid == pid)
				continue;
			if (!stop) {
				CHECK(ptrace(PTRACE_DETACH, tid, NULL, NULL) == 0 || errno == ESRCH); // made by one that was let go just now
			} else if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) == 0) {
				CHECK_EQ(ptrace(PTRACE_INTERRUPT, tid, NULL, NULL), 0);
				CHECK_EQ(waitpid(tid, &status, __WALL), tid);
				found++;
			} else {
				CHECK_EQ(errno, EPERM); // has been stopped
			}
		}
		closedir(d);
	} while (found);
}

static void parent(pid_t pid)
{
	int status, failed = 0;
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status))
		SKIP("no ptrace here");
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_EXITKILL);
	for (int i = 0; i < OPS; i++) {
		int least = 1000;
		for (int k = 0; k < TRIES; k++) {
			CHECK(forth(pid, PTRACE_CONT, &status));
			if (i == 0 && k == 0)
				others(pid, true);
			int n = count(pid, &status);
			least = n < least ? n : least;
		}
		if (least > ops[i].most) {
			fprintf(stderr, "%s: %d locked instructions, not %d\n", ops[i].name, least, ops[i].most);
			failed = 1;
		} else if (least < ops[i].most) {
			printf("%s: %d locked instructions, not even %d\n", ops[i].name, least, ops[i].most);
		}
	}
	others(pid, false);
	CHECK(!forth(pid, PTRACE_CONT, &status));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(!failed);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		measured();
		return 0;
	}
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		execl("/proc/self/exe", argv[0], "measured", (char *)NULL);
		_exit(1);
	}
	parent(pid);
	return 0;
}
