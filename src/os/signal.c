/* Signals that goroutines listen for: the handler counts, somebody sleeps until something was counted.
 *
 *   1. The handler calls nothing of ours but the two words here and a futex: it may have interrupted anything. errno is kept.
 *   2. A signal is counted first, then `posted` becomes 1; the sleeper makes `posted` 0 first, then reads the counts. So a
 *      signal that a reading missed finds or leaves a 1, and the next sleep ends at once: none is lost.
 *   3. A child has the dispositions there were before: fork's handler gives them back; where a signal is faster than that, or the
 *      child was made without it (vfork, which shares our memory), the handler sees that the process is another, puts back
 *      what was there and sends the signal again.
 *
 * One thread at a time catches and releases a given signal.
 *
 * TSan keeps a signal for the next libc call of its thread that it knows, and our threads sleep in calls it does not know. So there
 * the kernel is told of our handler behind its back. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "base/atomic.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	struct sigaction old; /* by who catches: what was there before */
	uint32_t caught;      /* A[SO]: ours is there now, and old is right */
	uint32_t count;       /* A[SG] */
} sigs[OS_NSIG + 1];
static uint32_t posted;   /* A[SG] */
static int owner;         /* A: the process that catches them */

/* Runs on: any, signal handlers too. Never parks. */
void os_sigpost(void)
{
	if (!xchg_acqrel(&posted, 1)) // rel[SG]: what was counted before
		os_futexwake(&posted, 1);
}

/* Runs on: one thread at a time. Blocks it. */
void os_sigsleep(void)
{
	while (!xchg_acqrel(&posted, 0)) // acq[SG]: sees the count
		os_futexsleep(&posted, 0, -1);
}

/* Runs on: any. Never parks. */
uint32_t os_sigcount(int sig)
{
	return load_rlx(&sigs[sig].count) ? xchg_acqrel(&sigs[sig].count, 0) : 0;
}

/* Runs on: any. Never parks. */
void os_sigagain(int sig)
{
	kill(getpid(), sig);
}

static void handler(int sig)
{
	int saved = errno;
	if (unlikely(getpid() != load_rlx(&owner))) {
		sigaction(sig, &sigs[sig].old, NULL);
		syscall(SYS_tgkill, getpid(), os_gettid(), sig); /* arrives when we return */
	} else {
		add_rlx(&sigs[sig].count, 1);
		os_sigpost();
	}
	errno = saved;
}

#if SAN_THREAD
/* As the kernel knows it. */
struct kernelaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static void behindtsan(int sig)
{
	struct kernelaction k;
	if (syscall(SYS_rt_sigaction, sig, NULL, &k, sizeof k.mask) != 0)
		return;
	k.handler = handler;
	syscall(SYS_rt_sigaction, sig, &k, NULL, sizeof k.mask);
}
#endif

static void forkedchild(void)
{
	for (int sig = 1; sig <= OS_NSIG; sig++)
		if (load_acq(&sigs[sig].caught)) // acq[SO]
			sigaction(sig, &sigs[sig].old, NULL);
}

/* Runs on: any. Never parks. */
int os_sigcatch(int sig)
{
	static uint32_t once;
	if (sig < 1 || sig > OS_NSIG)
		return EINVAL;
	int saved = errno, err = 0;
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK };
	sigfillset(&act.sa_mask);
	if (!xchg_acqrel(&once, 1))
		pthread_atfork(NULL, NULL, forkedchild);
	store_rlx(&owner, getpid());
	/* Before ours is there: it may run at once, in a child. */
	if (sigaction(sig, NULL, &sigs[sig].old) != 0 || sigaction(sig, &act, NULL) != 0)
		err = errno;
	else
		store_rel(&sigs[sig].caught, 1); // rel[SO]
#if SAN_THREAD
	if (err == 0)
		behindtsan(sig);
#endif
	errno = saved;
	return err;
}

/* Runs on: any. Never parks. */
void os_sigrelease(int sig)
{
	int saved = errno;
	struct sigaction now;
	store_rlx(&sigs[sig].caught, 0);
	if (sigaction(sig, NULL, &now) == 0 && now.sa_handler == handler)
		sigaction(sig, &sigs[sig].old, NULL);
	errno = saved;
}

/* Runs on: a thread that is ours alone. Never parks. */
void os_sigopen(uint64_t which)
{
	sigset_t set;
	sigfillset(&set);
	for (int sig = 1; sig <= OS_NSIG; sig++)
		if (which >> (sig - 1) & 1)
			sigdelset(&set, sig);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
}
