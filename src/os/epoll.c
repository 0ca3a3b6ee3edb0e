/* epoll and eventfd. Each returns what the kernel does, or -errno; errno itself is as it was. Raw system calls: no
 * sanitizer or preloaded library comes in between on g0.
 *
 * epoll_pwait2 (Linux 5.11) waits nanoseconds; where the kernel, a sandbox or Valgrind refuses it, epoll_wait
 * and whole milliseconds, rounded up, so that nobody wakes too early and spins. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "base/atomic.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

enum { LOWEST = 100 };

static uint32_t nopwait2; /* A: it was refused once */

/* Out of the way of programs that count on the lowest numbers: one that has closed its standard input, say. Runs on: any. */
int os_upwards(int fd)
{
	int up = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, LOWEST);
	if (up < 0)
		return fd;
	syscall(SYS_close, fd);
	return up;
}

static int upwards(int fd)
{
	return fd < 0 ? -errno : os_upwards(fd);
}

/* Runs on: any. Never parks. */
int os_epollcreate(void)
{
	if (os_failing(FAIL_EPOLL))
		return -ENOMEM;
	int saved = errno;
	int fd = upwards((int)syscall(SYS_epoll_create1, EPOLL_CLOEXEC));
	errno = saved;
	return fd;
}

/* Runs on: any. Never parks. */
int os_epollctl(int ep, int op, int fd, uint32_t events, uint64_t data)
{
	if (os_failing(FAIL_EPOLLCTL))
		return -ENOSPC;
	struct epoll_event ev = {.events = events, .data.u64 = data};
	int saved = errno;
	int r = (int)syscall(SYS_epoll_ctl, ep, op, fd, &ev);
	r = r < 0 ? -errno : r;
	errno = saved;
	return r;
}

/* A limit of milliseconds for ns: rounded up, -1 for none. */
static int roundms(int64_t ns)
{
	if (ns < 0)
		return -1;
	int64_t ms = ns / 1000000 + (ns % 1000000 != 0);
	return ms > 1000000000 ? 1000000000 : (int)ms;
}

/* Runs on: any. Blocks the thread for at most ns, or until something is ready (ns < 0: no limit). */
int os_epollwait(int ep, struct epoll_event *ev, int n, int64_t ns)
{
	int saved = errno;
	long r = -1;
	if (ns <= 0 || load_rlx(&nopwait2)) {
		r = syscall(SYS_epoll_pwait, ep, ev, n, roundms(ns), NULL, 0);
	} else {
		struct timespec ts = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
		r = syscall(SYS_epoll_pwait2, ep, ev, n, &ts, NULL, 0);
		if (r < 0 && errno != EINTR) {
			store_rlx(&nopwait2, 1);
			r = syscall(SYS_epoll_pwait, ep, ev, n, roundms(ns), NULL, 0);
		}
	}
	r = r < 0 ? -errno : r;
	errno = saved;
	return (int)r;
}

/* Runs on: any. Never parks. */
int os_eventfd(void)
{
	if (os_failing(FAIL_EVENTFD))
		return -EMFILE;
	int saved = errno;
	int fd = upwards((int)syscall(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK));
	errno = saved;
	return fd;
}

/* Runs on: any. Never parks: a full counter says the same. */
void os_eventfdset(int fd)
{
	uint64_t one = 1;
	int saved = errno;
	(void)!syscall(SYS_write, fd, &one, sizeof one);
	errno = saved;
}

/* Runs on: any. Never parks. */
void os_eventfdclear(int fd)
{
	uint64_t n;
	int saved = errno;
	(void)!syscall(SYS_read, fd, &n, sizeof n);
	errno = saved;
}

/* Runs on: any. Never parks. */
void os_closefd(int fd)
{
	int saved = errno;
	syscall(SYS_close, fd);
	errno = saved;
}
