/* Signals that mean a program error: what happened, where, in which goroutine; then the death the signal means.
 *
 *  1. The handler runs on an alternate stack: a goroutine that overflowed has no other. Below it lies a guard too. A handler of
 *     the program's that runs through that has left the alternate stack for the kernel, which begins it anew: so ours
 *     has room, but what it says is all, as the frames it would have to pass are overwritten.
 *  2. SIGSEGV and SIGBUS are always taken, and passed on to a handler that was there before unless it is the overflow of a
 *     goroutine. SIGFPE, SIGILL and SIGABRT are taken only from the default action. Whatever the program installs
 *     later replaces ours.
 *  3. Overflow ends with status 2, as all mistakes. Other faults end by the signal itself, sent again with
 *     what came with it, so that status and core are as without us.
 *  4. The thread that is dying may touch bad memory while it walks stacks: guarded() brings it back.
 *  5. A fault on a packed stack (sched/scan.c) is none: the stack is put back, with all signals blocked, and the access goes on.
 *  6. Under ASan and TSan all of this is theirs: nothing is taken, and guarded() guards nothing. */
#include "debug/debug.h"
#include "arch/arch.h"
#include "base/print.h"
#include "core/throw.h"
#include "os/os.h"
#include "sched/scan.h"
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#undef errno

enum { GUARDSIZE = 64 << 10, OWNSIZE = 64 << 10, NSIGS = 5, REDZONE = 128, AGAIN_MOST = 1000 };
enum where { NOWHERE, OVER_STACK, OVER_ALTSTACK };

static const struct fatalsig {
	int sig;
	const char *name, *what;
} sigs[NSIGS] = {
	{ SIGSEGV, "SIGSEGV", "segmentation violation" },
	{ SIGBUS, "SIGBUS", "bus error" },
	{ SIGFPE, "SIGFPE", "floating-point exception" },
	{ SIGILL, "SIGILL", "illegal instruction" },
	{ SIGABRT, "SIGABRT", "abort" },
};
static struct sigaction earlier[NSIGS]; /* what was there */

static pthread_key_t altkey; /* the thread's alternate stack, when it is ours */
static bool havealtkey;

/* ---- coming back from bad memory ---- */

static void *guardpoint[5];      /* for __builtin_setjmp */
static volatile int guardtid;    /* the thread inside guarded(), 0: none */

static noinline __attribute__((noreturn)) void guardjump(void)
{
	__builtin_longjmp(guardpoint, 1);
}

/* A function of its own, as __builtin_setjmp loses the locals of the one it is in. */
static noinline bool guardcall(void (*fn)(void *), void *arg)
{
	if (__builtin_setjmp(guardpoint))
		return false;
	fn(arg);
	return true;
}

/* So that faults come to the handler also where all signals are blocked. */
static void openfaults(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigaddset(&set, SIGBUS);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

bool guarded(void (*fn)(void *), void *arg)
{
	void *outer[nelem(guardpoint)];
	int outertid = guardtid;
	memcpy(outer, guardpoint, sizeof(outer));
	guardtid = os_gettid();
	openfaults();
	bool ok = guardcall(fn, arg);
	guardtid = outertid;
	memcpy(guardpoint, outer, sizeof(outer));
	return ok;
}

/* ---- the handler ---- */

static size_t altsize(void)
{
	size_t least = getauxval(AT_MINSIGSTKSZ);
	if (least < (size_t)MINSIGSTKSZ)
		least = MINSIGSTKSZ;
	return (2 * least + OWNSIZE + 4095) & ~(size_t)4095;
}

static uintptr_t contextsp(const ucontext_t *uc)
{
#if defined(__x86_64__)
	return (uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
#else
	(void)uc;
	return 0;
#endif
}

static uintptr_t contextpc(const ucontext_t *uc)
{
#if defined(__x86_64__)
	return (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
#else
	(void)uc;
	return 0;
#endif
}

/* The signal again, with the default action and the same information; it arrives when the handler returns. */
static void dieby(int sig, siginfo_t *info)
{
	struct sigaction dfl;
	sigset_t set;
	memset(&dfl, 0, sizeof(dfl));
	dfl.sa_handler = SIG_DFL;
	sigaction(sig, &dfl, NULL);
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), os_gettid(), sig, info) != 0)
		syscall(SYS_tgkill, getpid(), os_gettid(), sig);
	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Did a stack with this lowest byte run into its guard? Code touches its stack from its stack pointer on, but for the red zone:
 * what lies lower was a wild pointer that happened to hit the guard. */
static bool ranover(uintptr_t lo, uintptr_t hi, uintptr_t addr, uintptr_t sp)
{
	return addr < lo && addr >= lo - GUARDSIZE && sp < hi && sp <= addr + 2 * REDZONE;
}

/* The goroutine's own stack. When a signal came for a handler that is to run there and its frame did not fit, the kernel makes a
 * fault of it that has no address. */
static bool overstack(const siginfo_t *info, uintptr_t sp)
{
	struct g *gp = getg();
	if (!gp || gp->foreign || !gp->stack.lo || !gp->m || gp == gp->m->g0)
		return false;
	if (info->si_code == SI_KERNEL)
		return info->si_signo == SIGSEGV && sp >= gp->stack.lo - GUARDSIZE && sp < gp->stack.lo + getauxval(AT_MINSIGSTKSZ);
	return ranover(gp->stack.lo, gp->stack.hi, (uintptr_t)info->si_addr, sp);
}

/* The alternate stack of this thread, if it is ours. */
static bool overaltstack(const siginfo_t *info, uintptr_t sp)
{
	uintptr_t lo = havealtkey ? (uintptr_t)pthread_getspecific(altkey) + GUARDSIZE : GUARDSIZE;
	return lo != GUARDSIZE && info->si_code != SI_KERNEL && ranover(lo, lo + altsize(), (uintptr_t)info->si_addr, sp);
}

static enum where overflowed(const siginfo_t *info, const ucontext_t *uc)
{
	uintptr_t sp = contextsp(uc);
	if (info->si_code <= 0 || sp == 0)
		return NOWHERE;
	return overstack(info, sp) ? OVER_STACK : overaltstack(info, sp) ? OVER_ALTSTACK : NOWHERE;
}

static void sayoverflow(struct printer *pr, struct g *gp, enum where over)
{
	if (over == OVER_ALTSTACK) {
		print_fmt(pr, "runtime: signal handler exceeds the %zu bytes of the alternate stack\n", altsize());
		print_str(pr, "fatal error: stack overflow\n");
		return;
	}
	print_fmt(pr, "runtime: goroutine stack exceeds %zu-byte limit\n", gp->stack.hi - gp->stack.lo);
	print_str(pr, "fatal error: stack overflow\n");
	if (gp->goid == 1)
		print_str(pr, "(the stack of main is as large as ulimit -s says, and 8 MB at least)\n");
	else
		print_str(pr, "(more for all: GARN_STACK=1M, garn_set_max_stack; for one: go_with and garn_attr.stack)\n");
}

/* hooks.overflow: the same, of a frame that was not even begun. */
void overflow(struct g *gp)
{
	struct printer pr;
	startdying();
	print_init(&pr, os_write, 2);
	sayoverflow(&pr, gp, OVER_STACK);
	print_char(&pr, '\n');
	print_flush(&pr);
	die(gp);
}

static void saysignal(struct printer *pr, const struct fatalsig *fs, const siginfo_t *info, const ucontext_t *uc)
{
	print_fmt(pr, "fatal error: unexpected signal %s: %s (", fs->name, fs->what);
	if (info->si_code == SI_KERNEL) /* mostly: a pointer that no address can be */
		print_str(pr, "address unknown, ");
	else if (info->si_code > 0)
		print_fmt(pr, "addr=%#lx, ", (unsigned long)info->si_addr);
	else if (info->si_pid && info->si_pid != getpid())
		print_fmt(pr, "sent by process %d, ", (int)info->si_pid);
	print_fmt(pr, "pc=%#lx)\n", (unsigned long)contextpc(uc));
}

/* A call of a null or wild function pointer: nobody knows what frame is at such a pc, but the caller is known, as
 * its return address is on top. Make a saved context of the registers and walk that. */
static void walkcaller(const ucontext_t *uc, struct pcs *pcs)
{
#if defined(__x86_64__)
	const greg_t *r = uc->uc_mcontext.gregs;
	struct switchframe *sf = (struct switchframe *)((uintptr_t)r[REG_RSP] + 8 - sizeof(*sf));
	struct g fake;
	memset(&fake, 0, sizeof(fake));
	sf->r15 = (uint64_t)r[REG_R15];
	sf->r14 = (uint64_t)r[REG_R14];
	sf->r13 = (uint64_t)r[REG_R13];
	sf->r12 = (uint64_t)r[REG_R12];
	sf->rbx = (uint64_t)r[REG_RBX];
	sf->rbp = (uint64_t)r[REG_RBP];
	fake.sched.sp = (uintptr_t)sf;
	collect_on(&fake, pcs);
#else
	(void)uc, (void)pcs;
#endif
}

struct badcall {
	const ucontext_t *uc;
	struct pcs *pcs;
};

static void walkbadcall(void *arg)
{
	struct badcall *b = arg;
	walkcaller(b->uc, b->pcs);
}

static void tracefault(int sig, const siginfo_t *info, const ucontext_t *uc)
{
	struct pcs pcs = { .fault = true };
	struct badcall b = { uc, &pcs };
	bool badpc = sig == SIGSEGV && info->si_code > 0 && info->si_code != SI_KERNEL && (uintptr_t)info->si_addr == contextpc(uc);
	if (!badpc || !guarded(walkbadcall, &b))
		collect(&pcs);
	traceself(&pcs);
}

/* The whole report, and then death. */
static void report(const struct fatalsig *fs, siginfo_t *info, const ucontext_t *uc)
{
	static struct g nobody;
	enum where over = overflowed(info, uc);
	struct printer pr;
	startdying();
	openfaults();
	print_init(&pr, os_write, 2);
	if (over)
		sayoverflow(&pr, getg(), over);
	else
		saysignal(&pr, fs, info, uc);
	print_char(&pr, '\n');
	print_flush(&pr);
	if (tracelevel() != TRACE_NONE)
		tracefault(fs->sig, info, uc);
	tracebackothers(getg() ? getg() : &nobody);
	if (over)
		os_exit(2);
	dieby(fs->sig, info);
}

/* Pass it on to the handler that was there before us; false when there was none. */
static bool chain(struct sigaction *old, int sig, siginfo_t *info, void *context)
{
	struct sigaction act = *old;
	if (!(act.sa_flags & SA_SIGINFO)) {
		if (act.sa_handler == SIG_DFL)
			return false;
		if (act.sa_handler == SIG_IGN)
			return info->si_code <= 0;
	}
	if (act.sa_flags & SA_RESETHAND) {
		memset(old, 0, sizeof(*old));
		old->sa_handler = SIG_DFL;
	}
	if (act.sa_flags & SA_SIGINFO)
		act.sa_sigaction(sig, info, context);
	else
		act.sa_handler(sig);
	return true;
}

/* The mask the handler would have run with, were all signals not blocked until unpackfault has been asked. */
static void maskagain(int sig, const struct sigaction *old, const ucontext_t *uc)
{
	sigset_t set;
	sigorset(&set, &uc->uc_sigmask, &old->sa_mask);
	if (!(old->sa_flags & SA_NODEFER))
		sigaddset(&set, sig);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
}

/* An instruction that was to be executed, not memory to be read or written. */
static bool isfetch(const ucontext_t *uc)
{
#if defined(__x86_64__)
	return uc->uc_mcontext.gregs[REG_ERR] & 16;
#else
	(void)uc;
	return false;
#endif
}

/* The address is on a packed stack, which is there now. If it was there already, somebody else was faster; but so again and again
 * it is a fault like any other (the program has protected its stack, say). */
static bool unpacked(const siginfo_t *info, const ucontext_t *uc)
{
	static __thread struct {
		void *addr;
		uint32_t n;
	} again __attribute__((tls_model("initial-exec")));
	if (info->si_code <= 0 || isfetch(uc))
		return false;
	if (again.addr != info->si_addr)
		again.n = 0;
	again.addr = info->si_addr;
	switch (unpackfault((uintptr_t)info->si_addr)) {
	case FAULT_BACK: again.n = 0; return true;
	case FAULT_THERE: return ++again.n < AGAIN_MOST;
	default: return false;
	}
}

static void handler(int sig, siginfo_t *info, void *context)
{
	int i = 0;
	if (sig == SIGSEGV && unpacked(info, context))
		return;
	while (sigs[i].sig != sig)
		i++;
	if (sig == SIGSEGV)
		maskagain(sig, &earlier[i], context);
	if (unlikely(guardtid != 0) && info->si_code > 0 && guardtid == os_gettid()) {
		openfaults();
		guardjump();
	}
	if (!overflowed(info, context) && chain(&earlier[i], sig, info, context))
		return;
	report(&sigs[i], info, context);
}

/* ---- set-up ---- */

/* The thread ends. */
static void altfree(void *p)
{
	stack_t ss;
	memset(&ss, 0, sizeof(ss));
	ss.ss_flags = SS_DISABLE;
	sigaltstack(&ss, NULL);
	os_munmap(p, GUARDSIZE + altsize());
	os_guardsgone(1);
}

static bool faultsours(void)
{
	struct sigaction act;
	return sigaction(SIGSEGV, NULL, &act) == 0 && act.sa_flags & SA_SIGINFO && act.sa_sigaction == handler;
}

void faultinit(void)
{
	if (SAN_ADDRESS || SAN_THREAD)
		return;
	havealtkey = pthread_key_create(&altkey, altfree) == 0;
	for (int i = 0; i < NSIGS; i++) {
		struct sigaction act, *old = &earlier[i];
		if (sigaction(sigs[i].sig, NULL, old) != 0)
			continue;
		bool dfl = !(old->sa_flags & SA_SIGINFO) && old->sa_handler == SIG_DFL;
		if (!dfl && sigs[i].sig != SIGSEGV && sigs[i].sig != SIGBUS)
			continue;
		act = *old;
		act.sa_sigaction = handler;
		act.sa_flags = SA_SIGINFO | SA_ONSTACK | (old->sa_flags & (SA_NODEFER | SA_RESTART));
		if (sigs[i].sig == SIGSEGV)
			sigfillset(&act.sa_mask);
		sigaction(sigs[i].sig, &act, NULL);
	}
	hooks.faultsours = faultsours;
}

void sigaltinit(void)
{
	stack_t ss, old;
	if (SAN_ADDRESS || SAN_THREAD || sigaltstack(NULL, &old) != 0)
		return;
	if (!(old.ss_flags & SS_DISABLE) && old.ss_size >= altsize())
		return;
	memset(&ss, 0, sizeof(ss));
	ss.ss_size = altsize();
	char *p = os_mmap(GUARDSIZE + ss.ss_size);
	if (!p)
		return; /* overflow will be unnamed, which is no reason not to run */
	os_guard(p, GUARDSIZE);
	ss.ss_sp = p + GUARDSIZE;
	sigaltstack(&ss, NULL);
	if (havealtkey)
		pthread_setspecific(altkey, p);
}
