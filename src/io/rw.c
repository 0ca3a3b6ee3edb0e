/* read, write, readv, writev.
 *
 * O_NONBLOCK belongs to the open file, which other processes may share, so it is left as it is, and each call is told by itself not
 * to wait: sockets by MSG_DONTWAIT, pipes and what else can do it by RWF_NOWAIT. What cannot (terminals, FIFOs, writes
 * to an eventfd) is asked by poll first, and then called as if it might block, with no more than PIPE_BUF bytes to write: that
 * much there is room for when poll says there is any. It can still block when another process comes in between.
 *
 * SIGPIPE: sockets have MSG_NOSIGNAL; others RWF_NOSIGNAL since Linux 6.18; before, the signal is blocked meanwhile, and
 * taken back (it is sent to the thread that writes). */

#include "io/rw.h"
#include "io/fd.h"
#include "io/file.h"
#include "io/pin.h"
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif
#ifndef RWF_NOSIGNAL
#define RWF_NOSIGNAL 0x100
#endif

static uint32_t nosignalflag; /* A: 0 not tried, 1 the kernel has RWF_NOSIGNAL, 2 it has not */

static inline ssize_t neg(ssize_t r)
{
	return likely(r >= 0) ? r : -errno;
}

/* What poll says at this moment. */
static bool isready(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	return poll(&p, 1, 0) != 0;
}

/* With the P handed over, should another want it. */
static ssize_t readblocking(int fd, const struct iovec *v, int n)
{
	entersyscall();
	ssize_t r = neg(readv(fd, v, n));
	exitsyscall();
	return r;
}

/* ---- Reading ---- */

/* One attempt: what came, -EAGAIN for nothing, or -errno. */
static ssize_t tryread(struct polldesc *pd, enum fdkind kind, const struct iovec *v, int n)
{
	switch (kind) {
	case FD_SOCKET:
	case FD_TCP: {
		struct msghdr m = {.msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n};
		if (n == 1 && v->iov_len == 0)
			return neg(readv(pd->fd, v, n)); /* takes no datagram, and does not wait */
		return neg(n == 1 ? recv(pd->fd, v->iov_base, v->iov_len, MSG_DONTWAIT) : recvmsg(pd->fd, &m, MSG_DONTWAIT));
	}
	case FD_NOWAIT:
		return neg(preadv2(pd->fd, v, n, -1, RWF_NOWAIT));
	case FD_POLLED:
		return isready(pd->fd, POLLIN) ? readblocking(pd->fd, v, n) : -EAGAIN;
	case FD_FILE:
	case FD_DIRECT:
		return file_readv(pd, kind, v, n, -1);
	default:
		return readblocking(pd->fd, v, n);
	}
}

/* The guess at the kind was wrong, as the result shows: a better one. */
static bool misjudged(struct polldesc *pd, enum fdkind *kind, ssize_t r)
{
	if (r == -ENOTSOCK && fdissocket(*kind)) {
		fdsetkind(pd, FD_UNKNOWN);
		*kind = fdkind(pd);
		return !fdissocket(*kind);
	}
	if ((r == -EOPNOTSUPP || r == -ENOSYS) && *kind == FD_NOWAIT) {
		*kind = FD_POLLED;
		fdsetkind(pd, FD_POLLED);
		return true;
	}
	return false;
}

/* fdwait for one that is to be read or written. Files that epoll has no idea of block from then on. 0 or -errno. */
static ssize_t waitfor(struct polldesc *pd, enum pollmode mode, enum fdkind *kind, uint32_t *tries)
{
	int r = fdwait(pd, mode, tries);
	if (unlikely(r == -EPERM)) {
		*kind = FD_BLOCKS;
		fdsetkind(pd, FD_UNKNOWN);
		return 0;
	}
	return r;
}

/* Runs on: g, foreign. May park. */
ssize_t garn_readv(int fd, const struct iovec *v, int n)
{
	struct polldesc *pd = fdlock(fd, POLL_R);
	if (!pd)
		return -1;
	bool pinned = pin_iov(v, n);
	enum fdkind kind = fdkind(pd);
	uint32_t tries = 0;
	ssize_t r = fdbegin(pd, POLL_R);
	while (r == 0) {
		r = unlikely(fdisdry(pd) && iov_total(v, n) > 0) ? -EAGAIN : tryread(pd, kind, v, n);
		if (likely(r >= 0))
			break;
		if (r == -EAGAIN) {
			r = waitfor(pd, POLL_R, &kind, &tries);
		} else if (r == -EINTR || misjudged(pd, &kind, r)) {
			r = 0;
		}
	}
	if (r > 0 && n == 1 && (size_t)r < v->iov_len)
		fdgotless(pd, kind);
	unpin_iov(pinned, v, n);
	iosan_acquire();
	fdunlock(pd, POLL_R);
	return fdresult(r);
}

/* Runs on: g, foreign. May park. */
ssize_t garn_read(int fd, void *buf, size_t n)
{
	struct iovec v = {.iov_base = buf, .iov_len = n};
	return garn_readv(fd, &v, 1);
}

/* ---- Writing ---- */

/* pwritev2 without SIGPIPE where the kernel cannot leave it out. */
static noinline ssize_t writemasked(int fd, const struct iovec *v, int n, int flags)
{
	sigset_t sigpipe, old, pending;
	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	sigemptyset(&pending);
	sigpending(&pending);
	bool there = sigismember(&pending, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &sigpipe, &old);
	ssize_t r = neg(pwritev2(fd, v, n, -1, flags));
	if (r == -EPIPE && !there)
		while (sigtimedwait(&sigpipe, NULL, &(struct timespec){0}) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

/* The same by the kernel's own means, if it has them. */
static ssize_t writequiet(int fd, const struct iovec *v, int n, int flags)
{
	if (unlikely(load_rlx(&nosignalflag) == 2))
		return writemasked(fd, v, n, flags);
	ssize_t r = neg(pwritev2(fd, v, n, -1, flags | RWF_NOSIGNAL));
	if (likely(r != -EOPNOTSUPP && r != -ENOSYS)) {
		if (r >= 0)
			store_rlx(&nosignalflag, 1);
		return r;
	}
	r = writemasked(fd, v, n, flags);
	if (r >= 0 && load_rlx(&nosignalflag) == 0)
		store_rlx(&nosignalflag, 2);
	return r;
}

/* As much as there is surely room for. */
static ssize_t writesome(int fd, const struct iovec *v, int n)
{
	struct iovec few = *v;
	while (n > 1 && few.iov_len == 0)
		few = *++v, n--;
	if (few.iov_len > PIPE_BUF)
		few.iov_len = PIPE_BUF;
	entersyscall();
	ssize_t r = writequiet(fd, &few, 1, 0);
	exitsyscall();
	return r;
}

/* One attempt: how much was written, -EAGAIN for nothing, or -errno. */
static ssize_t trywrite(struct polldesc *pd, enum fdkind kind, const struct iovec *v, int n)
{
	switch (kind) {
	case FD_SOCKET:
	case FD_TCP: {
		struct msghdr m = {.msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n};
		return neg(n == 1 ? send(pd->fd, v->iov_base, v->iov_len, MSG_DONTWAIT | MSG_NOSIGNAL)
		                  : sendmsg(pd->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL));
	}
	case FD_NOWAIT:
		return writequiet(pd->fd, v, n, RWF_NOWAIT);
	case FD_POLLED:
		return isready(pd->fd, POLLOUT) ? writesome(pd->fd, v, n) : -EAGAIN;
	default: {
		entersyscall();
		ssize_t r = writequiet(pd->fd, v, n, 0);
		exitsyscall();
		return r;
	}
	}
}

/* One attempt that succeeds or fails, waiting as long as it takes. */
static ssize_t writewait(struct polldesc *pd, enum fdkind *kind, const struct iovec *v, int n)
{
	uint32_t tries = 0;
	ssize_t r = fdbegin(pd, POLL_W);
	while (r == 0) {
		r = trywrite(pd, *kind, v, n);
		if (likely(r >= 0))
			break;
		if (r == -EAGAIN) {
			r = waitfor(pd, POLL_W, kind, &tries);
		} else if (r == -EINTR || misjudged(pd, kind, r)) {
			r = 0;
		}
	}
	return r;
}

int iov_rest(const struct iovec *v, int n, size_t skip, struct iovec *out)
{
	int k = 0;
	for (; n > 0 && skip >= v->iov_len; v++, n--)
		skip -= v->iov_len;
	for (; n > 0 && k < IOV_WINDOW; v++, n--, k++) {
		out[k].iov_base = (char *)v->iov_base + skip;
		out[k].iov_len = v->iov_len - skip;
		skip = 0;
	}
	return k;
}

size_t iov_total(const struct iovec *v, int n)
{
	size_t sum = 0;
	for (int i = 0; i < n; i++)
		sum += v[i].iov_len;
	return sum;
}

/* Write what is left of v after the first done bytes. */
static noinline ssize_t writerest(struct polldesc *pd, enum fdkind *kind, const struct iovec *v, int n, size_t done)
{
	size_t total = iov_total(v, n);
	struct iovec rest[IOV_WINDOW];
	while (done < total) {
		int k = iov_rest(v, n, done, rest);
		ssize_t r = writewait(pd, kind, rest, k);
		fdkeep(pd, POLL_W, r);
		if (r <= 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

/* Runs on: g, foreign. May park. */
ssize_t garn_writev(int fd, const struct iovec *v, int n)
{
	struct polldesc *pd = fdlock(fd, POLL_W);
	if (!pd)
		return -1;
	iosan_release();
	bool pinned = pin_iov(v, n);
	enum fdkind kind = fdkind(pd);
	ssize_t r = writewait(pd, &kind, v, n);
	if (r > 0 && (n > 1 || (size_t)r < v->iov_len))
		r = writerest(pd, &kind, v, n, (size_t)r);
	unpin_iov(pinned, v, n);
	fdunlock(pd, POLL_W);
	return fdresult(r);
}

/* Runs on: g, foreign. May park. */
ssize_t garn_write(int fd, const void *buf, size_t n)
{
	struct iovec v = {.iov_base = (void *)buf, .iov_len = n};
	return garn_writev(fd, &v, 1);
}
