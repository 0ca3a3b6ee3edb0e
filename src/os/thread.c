/* Threads: starting them clean, and where their stacks lie.
 *
 *   1. A new thread has the signal mask and the scheduling policy of the process's start, whatever the goroutine that
 *      caused it did to its own thread.
 *   2. No signal is handled on a new thread before its mask is set.
 *
 * pthread_create and pthread_getattr_np malloc inside: callers hold no lock of ours and are no signal handler. That is
 * the one exception to os.h's rule. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "base/atomic.h"
#include "os/internal.h"
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, GUARD = 64 << 10 /* as below goroutines: see stack.h */, STACK_MOST = 64 << 20 };

struct startstate startstate;

/* The stack of a thread also holds the thread-local variables of everything loaded at start, plus some room that
 * the dynamic linker keeps for what comes later. */
static int add_tls(struct dl_phdr_info *info, size_t size, void *sum)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		if (ph->p_type == PT_TLS)
			*(size_t *)sum += ph->p_memsz + ph->p_align;
		else if (ph->p_type == PT_GNU_STACK && (ph->p_flags & PF_X) != 0)
			startstate.execstack = true;
	}
	return 0;
}

void threadinit(void)
{
	enum { LINKER_ROOM = 8192 };
	struct startstate *st = &startstate;
	pthread_sigmask(SIG_SETMASK, NULL, &st->mask);
	struct sched_param param = {0};
	int policy = sched_getscheduler(0);
	if (policy >= 0)
		policy &= ~SCHED_RESET_ON_FORK;
	if (sched_getparam(0, &param) != 0 || (policy != SCHED_OTHER && policy != SCHED_FIFO && policy != SCHED_RR))
		policy = -1; /* batch, idle, deadline: pthread attributes cannot say these */
	st->policy = policy;
	st->priority = param.sched_priority;
	st->tls = LINKER_ROOM;
	dl_iterate_phdr(add_tls, &st->tls);
	st->known = true;
}

bool os_sigblocked(void)
{
	uint64_t now = 0, start;
	memcpy(&start, &startstate.mask, sizeof(start));
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &now, sizeof(now));
	return (now & ~start) != 0;
}

/* What a new thread is to run, from its parent to itself, without malloc: the child frees it at once. */
static struct handover {
	uint32_t busy; /* A[TH] */
	void (*fn)(void *);
	void *arg;
} handovers[16];

static struct handover *handover_get(void)
{
	for (uint32_t i = 0;; i++) {
		struct handover *h = &handovers[i % nelem(handovers)];
		if (load_rlx(&h->busy) == 0 && cas_acq(&h->busy, 0, 1)) // acq[TH]: the last child has read it
			return h;
		if (i % nelem(handovers) == nelem(handovers) - 1)
			os_yield();
	}
}

static void *threadstart(void *a)
{
	struct handover *h = a;
	void (*fn)(void *) = h->fn;
	void *arg = h->arg;
	store_rel(&h->busy, 0); // rel[TH]: after the reads
	prctl(PR_SET_NAME, "garn", 0, 0, 0);
	pthread_sigmask(SIG_SETMASK, &startstate.mask, NULL);
	fn(arg);
	return NULL;
}

/* Fill in the attributes; explicit says whether the policy is ours or the caller's thread's. */
static int setattr(pthread_attr_t *attr, size_t stack, bool explicit)
{
	int err = pthread_attr_setdetachstate(attr, PTHREAD_CREATE_DETACHED);
	if (err == 0)
		err = pthread_attr_setstacksize(attr, stack);
	if (err == 0)
		err = pthread_attr_setguardsize(attr, GUARD);
	if (err == 0 && explicit && startstate.policy >= 0) {
		struct sched_param param = {.sched_priority = startstate.priority};
		err = pthread_attr_setinheritsched(attr, PTHREAD_EXPLICIT_SCHED);
		if (err == 0)
			err = pthread_attr_setschedpolicy(attr, startstate.policy);
		if (err == 0)
			err = pthread_attr_setschedparam(attr, &param);
	}
	return err;
}

static int create(size_t stack, bool explicit, struct handover *h)
{
	pthread_t t;
	pthread_attr_t attr;
	int err = pthread_attr_init(&attr);
	if (err != 0)
		return err;
	err = setattr(&attr, stack, explicit);
	if (err == 0)
		err = pthread_create(&t, &attr, threadstart, h);
	pthread_attr_destroy(&attr);
	return err;
}

static size_t stacksize(size_t n)
{
	long least = sysconf(_SC_THREAD_STACK_MIN); /* grows with the CPU's registers */
	if (least < PTHREAD_STACK_MIN)
		least = PTHREAD_STACK_MIN;
	if (n < (size_t)least)
		n = (size_t)least;
	n += startstate.tls + PAGE; /* and one to spare */
	return (n + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* Runs on: any stack with 8 KB of room (the template thread, as a rule). Holds: nothing. Blocks for some 20 us. */
int os_newthread(size_t stack, void (*fn)(void *), void *arg)
{
	if (os_failing(FAIL_THREAD))
		return EAGAIN;
	int saved = errno;
	if (!startstate.known)
		threadinit();
	struct handover *h = handover_get();
	h->fn = fn;
	h->arg = arg;
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	size_t n = stacksize(stack);
	int err = create(n, true, h);
	if (err == EPERM) /* this thread may not go back to the first policy */
		err = create(n, false, h);
	while (err == EINVAL && (n *= 2) <= STACK_MOST) /* thread-local storage larger than we know of */
		err = create(n, true, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err != 0)
		store_rel(&h->busy, 0); // rel[TH]: nobody else has seen it
	errno = saved;
	return err;
}

/* Runs on: a thread's own stack, with no lock of libc held. Never parks. */
void os_stackbounds(uintptr_t *lo, uintptr_t *hi)
{
	int saved = errno;
	pthread_attr_t attr;
	void *base;
	size_t size;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	*lo = here - 64 * 1024; /* in case nobody knows */
	*hi = here + PAGE;
	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		if (pthread_attr_getstack(&attr, &base, &size) == 0 && here - (uintptr_t)base < size) {
			*lo = (uintptr_t)base;
			*hi = (uintptr_t)base + size;
		}
		pthread_attr_destroy(&attr);
	}
	errno = saved;
}

/* Runs on: any thread that is ours alone. Never parks. */
void os_blocksignals(void)
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
}
