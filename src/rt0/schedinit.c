/* Start-up in Go's order: args (the kernel's and libc's work here), osinit, schedinit, procresize, newproc of main, mstart.
 * After this every address that the lower folders call upward by is set. */

#include "rt0/rt0.h"
#include "debug/debug.h"
#include "sched/newstack.h"
#include "sched/proc.h"
#include "sched/scan.h"
#include "sched/start.h"
#include "stack/stack.h"
#include "sync/sema.h"
#include "sync/sudog.h"
#include "timer/timer.h"
#include <stdlib.h>
#include <string.h>

/* A number in the environment, no more than most, or what it is when there is none. */
static int32_t envnumber(const char *name, long least, long most, int32_t none, const char *expected)
{
	const char *s = getenv(name);
	char *end;
	if (!s || !*s)
		return none;
	long n = strtol(s, &end, 10);
	if (*end || n < least)
		fatal_env(name, s, expected);
	return n > most ? (int32_t)most : (int32_t)n;
}

/* GARN_MAXPROCS, else the CPUs that affinity and the cgroup allow. */
static int32_t firstprocs(void)
{
	int32_t set = envnumber("GARN_MAXPROCS", 1, MAXPROCS, 0, "a number from 1 to 1024");
	if (set)
		return set;
	int n = os_ncpu(), limit = os_cgroup_limit();
	if (limit > 0 && limit < 2)
		limit = 2;
	if (limit > 0 && limit < n)
		n = limit;
	return n > MAXPROCS ? MAXPROCS : n;
}

/* Threads that there are before any constructor of the program's are the helpers of some library and will never call us, so none
 * stands against a deadlock; one that the program's own constructors start may. TSan's thread comes with the first that
 * anybody starts: under TSan all are counted that are there before ours, those of constructors too. */
static void countbase(void)
{
	int n = os_nthreads();
	sched.basethreads = n > 1 ? n - 1 : 0;
}

/* Before any constructor of the program's: a `go`, a timer or a select that comes too early must find its way to the message that says so. */
__attribute__((constructor(101))) static void archinit(void)
{
	arch_up.goexit1 = goexit1;
	arch_up.newproc = newproc;
	arch_up.newstack = newstack;
	gfreeinit();
	startinit();
	sudoginit();
	timerinit();
	countbase();
}

void schedinit(const char *by, bool embedded)
{
	static uint32_t once;
	if (xchg_acqrel(&once, 1))
		fatal(embedded ? "garn_run: the runtime is up already, or was: once per process" : by);
	osinit();
	if (os_shadowstack())
		fatal("garn: shadow stacks (CET) are on, and goroutines switch stacks; "
		      "run with GLIBC_TUNABLES=glibc.cpu.x86_shstk=off");
	if (*arch_limit() != 0)
		fatal("garn: libgcc's split stacks are in this program, and cannot do with goroutines; "
		      "link libgarn.a instead of libgarn.so, or compile without -fsplit-stack");
	lockinit(&sched.lock, RANK_SCHED);
	mutexinit();
	sched.maxmcount = 10000;
	sched.maxhogs = envnumber("GARN_MAXHOGS", 0, sched.maxmcount, HOGS_MOST, "a number from 0 to 10000");
	sched.starttime = sched.coarsenow = os_nanotime();
	sched.embedded = embedded;
	debuginit();
	stackinit();
	scaninit(envnumber("GARN_PACK", 0, INT32_MAX, -1, "a number of milliseconds"));
	foreigninit();
	mcommoninit(&m0);
	lock(&sched.lock);
	procresize(firstprocs());
	m0.nextp = pidleget();
	unlock(&sched.lock);
	templateinit();
	sysmoninit();
	if (SAN_THREAD)
		sched.basethreads = os_nthreads() - 3;
}

/* Goroutine 1: made on g0's behalf, put first into m0's P. */
void newmain(void (*fn)(void *), void *arg, size_t stack)
{
	struct spawnframe fr = { .call = { .mxcsr = 0x1f80, .fpcw = 0x37f } };
	fr.call.arg[0] = (uintptr_t)arg;
	fr.call.chain = (uintptr_t)fn;
	struct g *gp = newproc1(NULL, &fr, NULL, SPAWN_REGS, stack ? stackorder(stack) : load_rlx(&stackdefault));
	struct p *pp = m0.nextp;
	pp->ngs++;
	runqput_p(pp, gp, true);
	store_rel(&sched.started, 1); // rel[ST]
}

void mstart0(void)
{
	os_stackbounds(&m0.g0s.stack.lo, &m0.g0s.stack.hi);
	mstart1(&m0);
}

void mstart_thread(void)
{
	int err = os_newthread(256 << 10, mstart, &m0);
	if (err)
		fatal_os("cannot start the first thread", err, "see " THREAD_LIMITS);
}
