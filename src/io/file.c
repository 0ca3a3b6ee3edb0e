/* open, close, and the calls that only make sense for files: pread, pwrite, fsync. Those block in the kernel, with the
 * thread handed over around them. */

#include "io/deadline.h"
#include "io/fd.h"
#include <fcntl.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <unistd.h>

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
	ssize_t r;
	do {
		entersyscall();
		r = neg(open(path, flags, mode));
		exitsyscall();
	} while (r == -EINTR);
	if (r >= 0)
		fdnew((int)r);
	return (int)fdresult(r);
}

/* Send everybody away who is in a call on pd, or watches it. */
static void wakeall(struct polldesc *pd)
{
	lock(&pd->lock);
	store_sc(&pd->info, pd->info | INFO_CLOSING); // sc[PI]: before the look at the words
	struct g *r = pollunblock(pd, POLL_R, false), *w = pollunblock(pd, POLL_W, false);
	unlock(&pd->lock);
	struct g *list = pollwakewaiters(pd, EPOLLHUP, NULL);
	if (r)
		goready(r);
	if (w)
		goready(w);
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
	pollforget(pd);
	deadline_clear(pd);
	entersyscall();
	r = neg(close(fd));
	exitsyscall();
	fdsetkind(pd, FD_UNKNOWN);
	store_rlx(&pd->own, 0);
	store_rlx(&pd->starved, 0);
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
	pollforget(pd);
	deadline_clear(pd);
	store_rlx(&pd->starved, 0);
	store_rlx(&pd->own, 1);
	store_rlx(&pd->dry, 0);
	fdsetkind(pd, FD_UNKNOWN);
}

/* Runs on: g, foreign. May park. */
ssize_t garn_pread(int fd, void *buf, size_t n, off_t at)
{
	struct polldesc *pd = fdref(fd);
	if (!pd)
		return -1;
	ssize_t r;
	do {
		entersyscall();
		r = neg(pread(fd, buf, n, at));
		exitsyscall();
	} while (r == -EINTR);
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
	size_t done = 0;
	ssize_t r;
	do {
		entersyscall();
		r = neg(pwrite(fd, (const char *)buf + done, n - done, at + (off_t)done));
		exitsyscall();
		if (r > 0)
			done += (size_t)r;
	} while (r == -EINTR || (r > 0 && done < n));
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
		entersyscall();
		r = neg(fsync(fd));
		exitsyscall();
	} while (r == -EINTR);
	fdunref(pd);
	return (int)fdresult(r);
}
