/* Sleep and wake on a word, and the asymmetric fence.
 *
 *   1. os_futexsleep may return early for any reason: callers loop. So EINTR, a changed value and an injected failure are
 *      all the same. A kernel that refuses is not: they would loop for ever, or sleep while the wake-up is refused. It happens
 *      when a seccomp filter is set that knows no futex.
 *   2. errno is as it was: these are called between a user's call and his look at errno. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "base/atomic.h"
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MEMBARRIER_CMD_PRIVATE_EXPEDITED
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED (1 << 3)
#endif

uint32_t asym_slow = 1; /* until osinit knows better: what runs before pays for full fences */

/* Below core/, so there is no trace. */
noinline __attribute__((noreturn)) static void refused(const char *msg, size_t n)
{
	os_write(2, msg, n);
	os_exit(2);
}
#define REFUSED(what) refused("fatal error: garn: " what " is refused now (a seccomp filter set after the start?)\n", \
	sizeof("fatal error: garn: " what " is refused now (a seccomp filter set after the start?)\n") - 1)

/* Runs on: any. Holds: anything. Never parks: it blocks the thread. */
void os_futexsleep(uint32_t *addr, uint32_t val, int64_t ns)
{
	if (os_failing(FAIL_FUTEX))
		return;
	int saved = errno;
	struct timespec ts;
	if (ns >= 0) {
		ts.tv_sec = ns / 1000000000;
		ts.tv_nsec = ns % 1000000000;
	}
	if (syscall(SYS_futex, addr, FUTEX_WAIT_PRIVATE, val, ns >= 0 ? &ts : NULL, NULL, 0) != 0 && errno != EAGAIN &&
	    errno != EINTR && errno != ETIMEDOUT) {
		if (errno != EFAULT)
			REFUSED("futex");
		(void)load_rlx((volatile uint32_t *)addr); /* on a stack that was just packed: this puts it back (sched/scan.c) */
	}
	errno = saved;
}

/* EFAULT, EINVAL: addr is not mapped any more, or is somebody else's futex of another kind by now.
 * Runs on: any. Holds: anything. Never parks. */
void os_futexwake(uint32_t *addr, uint32_t n)
{
	int saved = errno;
	if (syscall(SYS_futex, addr, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0) < 0 && errno != EFAULT && errno != EINVAL)
		REFUSED("futex");
	errno = saved;
}

/* The expensive side of the asymmetric fence. Runs on: any. Holds: anything. Never parks. */
void asym_heavy(void)
{
	if (asym_slow) {
		fence_sc();
		return;
	}
	int saved = errno;
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0)
		REFUSED("membarrier"); /* it worked in osinit, and the light sides have no fence: going on would lose wake-ups */
	errno = saved;
}
