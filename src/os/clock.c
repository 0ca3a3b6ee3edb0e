/* Time, sleeping, and the small things the kernel knows about this thread. errno is as it was after each. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "os/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Runs on: any. Never parks. */
int64_t os_nanotime(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	int64_t t = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	return t != 0 ? t : 1;
}

/* Sleep the whole time, signals or not. Runs on: any. Blocks the thread. */
void os_usleep(uint32_t us)
{
	struct timespec ts = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};
	/* This one returns its error: errno is not touched. */
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

/* Runs on: any. Never parks. */
void os_yield(void)
{
	sched_yield();
}

/* Runs on: any. Never parks. */
int os_gettid(void)
{
	return (int)syscall(SYS_gettid);
}

/* Runs on: any. Never parks. */
uint64_t os_random(void)
{
	uint64_t x = 0;
	int saved = errno;
	if (getrandom(&x, sizeof x, GRND_NONBLOCK) != sizeof x)
		x = ((uint64_t)os_nanotime() ^ (uint64_t)os_gettid() << 32 ^ (uintptr_t)&x) * 0x9e3779b97f4a7c15ull;
	errno = saved;
	return x != 0 ? x : 1;
}

/* Runs on: any. Never parks. */
void os_timerslack(void)
{
	int saved = errno;
	prctl(PR_SET_TIMERSLACK, 1ul, 0, 0, 0);
	errno = saved;
}

/* Runs on: any, signal handlers too. Blocks the thread while the other end is slow. */
void os_write(int fd, const void *p, size_t n)
{
	int saved = errno;
	const char *s = p;
	int patience = 10; /* seconds for a full pipe that was made non-blocking and is not read */
	while (n > 0) {
		ssize_t k = write(fd, s, n);
		if (k > 0) {
			s += k;
			n -= (size_t)k;
		} else if (k < 0 && errno == EAGAIN && patience-- > 0) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 1000);
		} else if (k == 0 || errno != EINTR) {
			break;
		}
	}
	errno = saved;
}

/* No handlers of atexit, nothing flushed: other threads may be in any state. Runs on: any. */
void os_exit(int status)
{
	for (;;)
		_exit(status);
}

long readfile(const char *path, char *buf, size_t size)
{
	int saved = errno;
	long n = -1;
	/* TSan would see libc's calls, and take a number of a helper's own table (os_ownfiles) for one of the program's. */
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		size_t len = 0;
		while (len < size - 1) {
			long k = syscall(SYS_read, fd, buf + len, size - 1 - len);
			if (k < 0 && errno == EINTR)
				continue;
			if (k <= 0)
				break;
			len += (size_t)k;
		}
		buf[len] = '\0';
		n = (long)len;
		syscall(SYS_close, fd);
	}
	errno = saved;
	return n;
}
