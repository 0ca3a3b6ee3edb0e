/* open, close, and the calls that only make sense for files: pread, pwrite, fsync; and how files are read.
 *
 * poll calls a file always ready, and still a read may wait for the disk. So what is in memory is read at once (RWF_NOWAIT), and for the rest the
 * goroutine waits: for io_uring, or where there is none, on its thread, with the P given away at once. What is written
 * goes to memory as a rule: the P is given away only if the thread is found asleep. */

#include "io/file.h"
#include "io/deadline.h"
#include "io/fd.h"
#include "io/pin.h"
#include "io/ring.h"
#include "io/rw.h"
#include <fcntl.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif

static ssize_t neg(ssize_t r)
{
	return r >= 0 ? r : -errno;
}

/* Runs on: g, foreign. May park. */
int garn_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) {
		va_list ap;
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	bool pinned = pin(path, NULL);
	ssize_t r;
	do {
		entersyscall();
		r = neg(open(path, flags, mode));
		exitsyscall();
	} while (r == -EINTR);
	unpin(pinned, path, NULL);
	if (r >= 0)
		fdnew((int)r);
	return (int)fdresult(r);
}

/* Whoever waits for pd to be ready looks again. */
static void wake(struct polldesc *pd)
{
	for (int mode = POLL_R; mode <= POLL_W; mode++) {
		struct g *gp = pollunblock(pd, (enum pollmode)mode, false);
		if (gp)
			goready(gp);
	}
}

/* The file has gone, or is about to: nothing that was known of it counts. */
static void fdforget(struct polldesc *pd)
{
	pollforget(pd);
	deadline_clear(pd);
	store_rlx(&pd->starved, 0);
	store_rlx(&pd->own, 0);
	store_rlx(&pd->dry, 0);
	for (int mode = POLL_R; mode <= POLL_W; mode++)
		store_rlx(&pd->late[mode], 0);
	fdsetkind(pd, FD_UNKNOWN);
}

/* Send everybody away who is in a call on pd, or watches it. */
static void wakeall(struct polldesc *pd)
{
	lock(&pd->lock);
	store_sc(&pd->info, pd->info | INFO_CLOSING); // sc[PI]: before the look at the words
	unlock(&pd->lock);
	wake(pd);
	struct g *list = pollwakewaiters(pd, EPOLLHUP, NULL);
	while (list) {
		struct g *gp = list;
		list = gp->schedlink;
		goready(gp);
	}
}

/* Runs on: g, foreign. May park. */
int garn_close(int fd)
{
	struct polldesc *pd = polldesc(fd);
	if (!pd) {
		errno = fd < 0 ? EBADF : ENOMEM;
		return -1;
	}
	ssize_t r = fdbeginclose(pd);
	if (r < 0)
		return (int)fdresult(r);
	iosan_release();
	wakeall(pd);
	fdlastref(pd);
	fdforget(pd);
	entersyscall();
	r = neg(close(fd));
	exitsyscall();
	lock(&pd->lock);
	store_sc(&pd->info, 0); // sc[PI]
	unlock(&pd->lock);
	fdendclose(pd);
	return (int)fdresult(r == -EINTR ? 0 : r);
}

void fdnew(int fd)
{
	struct polldesc *pd = polldesc(fd);
	if (!pd)
		return;
	store_rel(&pd->files, pd->files + 1); // rel[FN]: before those who wait for the old one are woken
	fdforget(pd);
	wake(pd);
	store_rlx(&pd->own, 1);
}

/* ---- Reading ---- */

/* What is in memory. Short only at the end, or where the disk is needed for the next byte. */
static ssize_t readcached(int fd, const struct iovec *v, int n, off_t at)
{
	ssize_t r;
	while ((r = neg(preadv2(fd, v, n, at, RWF_NOWAIT))) == -EINTR)
		;
	return r;
}

/* The goroutine waits, or with no io_uring its thread, the P given away. One that is alone does best to wait itself, and one
 * that moves the file's position must: io_uring does not lock that, and with O_DIRECT forgets to move it. */
static ssize_t readdisk(int fd, const struct iovec *v, int n, off_t at)
{
	ssize_t r;
	bool alone = !othersready() && !ring_busy();
	if (!alone && at >= 0 && ring_readv(fd, v, n, at, &r) && r != -EINTR && r != -EAGAIN && r != -ECANCELED)
		return r;
	do {
		if (alone)
			entersyscall();
		else
			entersyscallblock();
		r = neg(at < 0 ? readv(fd, v, n) : preadv(fd, v, n, at));
		exitsyscall();
	} while (r == -EINTR);
	return r;
}

/* A file system that cannot say whether it would wait: in memory most often (/proc). */
static ssize_t readunknown(int fd, const struct iovec *v, int n, off_t at)
{
	entersyscall();
	ssize_t r = neg(at < 0 ? readv(fd, v, n) : preadv(fd, v, n, at));
	exitsyscall();
	return r;
}

/* The rest of v, of which the first done bytes are there. */
static noinline ssize_t readrest(struct polldesc *pd, enum fdkind kind, const struct iovec *v, int n, off_t at, size_t done)
{
	size_t total = iov_total(v, n);
	ssize_t r = 1;
	while (r > 0 && done < total) {
		struct iovec rest[IOV_WINDOW];
		int k = iov_rest(v, n, done, rest);
		off_t from = at < 0 ? at : at + (off_t)done;
		r = kind == FD_DIRECT ? -EAGAIN : readcached(pd->fd, rest, k, from);
		if (r == -EAGAIN) {
			kind = fdlook(pd);
			if (kind != FD_FILE && kind != FD_DIRECT)
				break;
			r = readdisk(pd->fd, rest, k, from);
		}
		if (r > 0)
			done += (size_t)r;
		if (kind == FD_DIRECT)
			break; /* short: the end */
	}
	return done > 0 ? (ssize_t)done : r;
}

ssize_t file_readv(struct polldesc *pd, enum fdkind kind, const struct iovec *v, int n, off_t at)
{
	ssize_t r = kind == FD_DIRECT ? -EAGAIN : readcached(pd->fd, v, n, at);
	if (likely(r >= 0 && n == 1 && (size_t)r == v->iov_len))
		return r;
	if (r == -EOPNOTSUPP || r == -ENOSYS)
		return readunknown(pd->fd, v, n, at);
	if (r > 0 || r == -EAGAIN)
		return readrest(pd, kind, v, n, at, r > 0 ? (size_t)r : 0);
	return r;
}

/* Runs on: g, foreign. May park. */
ssize_t garn_pread(int fd, void *buf, size_t n, off_t at)
{
	callpoint_park(getg());
	struct polldesc *pd = fdref(fd);
	if (!pd)
		return -1;
	struct iovec v = {.iov_base = buf, .iov_len = n};
	bool pinned = pin(buf, NULL);
	enum fdkind kind = fdkind(pd);
	ssize_t r;
	do
		r = at < 0                                     ? -EINVAL
		    : kind == FD_FILE || kind == FD_DIRECT ? file_readv(pd, kind, &v, 1, at)
		                                           : readunknown(fd, &v, 1, at);
	while (r == -EINTR);
	unpin(pinned, buf, NULL);
	iosan_acquire();
	fdunref(pd);
	return fdresult(r);
}

/* Runs on: g, foreign. May park. */
ssize_t garn_pwrite(int fd, const void *buf, size_t n, off_t at)
{
	struct polldesc *pd = fdref(fd);
	if (!pd)
		return -1;
	iosan_release();
	bool pinned = pin(buf, NULL);
	size_t done = 0;
	ssize_t r;
	do {
		entersyscall();
		r = neg(pwrite(fd, (const char *)buf + done, n - done, at + (off_t)done));
		exitsyscall();
		if (r > 0)
			done += (size_t)r;
	} while (r == -EINTR || (r > 0 && done < n));
	unpin(pinned, buf, NULL);
	fdunref(pd);
	return fdresult(done > 0 ? (ssize_t)done : r);
}

/* Runs on: g, foreign. May park. */
int garn_fsync(int fd)
{
	struct polldesc *pd = fdref(fd);
	if (!pd)
		return -1;
	ssize_t r;
	do {
		entersyscallblock();
		r = neg(fsync(fd));
		exitsyscall();
	} while (r == -EINTR);
	fdunref(pd);
	return (int)fdresult(r);
}
