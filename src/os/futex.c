/* Sleep and wake on a word, and the asymmetric fence.
 *
 *   1. os_futexsleep may return early for any reason: callers loop. So EINTR, a changed value, a kernel that
 *      refuses and an injected failure are all the same.
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
	syscall(SYS_futex, addr, FUTEX_WAIT_PRIVATE, val, ns >= 0 ? &ts : NULL, NULL, 0);
	errno = saved;
}

/* Runs on: any. Holds: anything. Never parks. */
void os_futexwake(uint32_t *addr, uint32_t n)
{
	int saved = errno;
	syscall(SYS_futex, addr, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
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
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) {
		/* It worked in osinit, and the light sides have no fence: going on would lose wake-ups. */
		static const char msg[] = "fatal error: garn: membarrier is refused now (a seccomp filter set after the start?)\n";
		os_write(2, msg, sizeof msg - 1);
		os_exit(2);
	}
	errno = saved;
}
