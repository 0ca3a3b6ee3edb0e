/* recv, send and their kin. Each attempt is told not to wait; between attempts the goroutine waits for the socket.
 *
 * A stream's send goes on until all is sent, as a blocking one does. What is waited for with MSG_WAITALL is put together
 * here; with MSG_PEEK too, MSG_WAITALL is left out (one cannot wait for more than is there by looking at it).
 *
 * MSG_ERRQUEUE never waits in the kernel either, and like MSG_DONTWAIT does not queue up behind one who waits. */

#include "io/fd.h"
#include "io/pin.h"
#include "io/rw.h"
#include <sys/socket.h>
#include <sys/uio.h>

static inline ssize_t neg(ssize_t r)
{
	return likely(r >= 0) ? r : -errno;
}

/* ---- Receiving ---- */

/* One message, or what there is of a stream. Holds: the read lock. */
static ssize_t recvwait(struct polldesc *pd, struct msghdr *m, int flags)
{
	uint32_t tries = 0;
	ssize_t r = fdbegin(pd, POLL_R);
	while (r == 0) {
		r = !(flags & MSG_OOB) && fdisdry(pd) ? -EAGAIN : neg(recvmsg(pd->fd, m, flags | MSG_DONTWAIT));
		if (likely(r >= 0))
			break;
		if (r == -EAGAIN)
			r = fdwait(pd, POLL_R, &tries);
		else if (r == -EINTR)
			r = 0;
	}
	if (r > 0 && flags == 0 && m->msg_iovlen == 1 && (size_t)r < m->msg_iov->iov_len)
		fdgotless(pd, fdkind(pd));
	return r;
}

static bool isstream(int fd)
{
	int type = 0;
	socklen_t len = sizeof type;
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/* The rest of what MSG_WAITALL wants. Holds: the read lock. */
static noinline ssize_t recvall(struct polldesc *pd, struct msghdr *m, int flags, size_t done)
{
	int n = (int)m->msg_iovlen;
	size_t total = iov_total(m->msg_iov, n);
	struct iovec rest[IOV_WINDOW];
	while (done < total && isstream(pd->fd)) {
		struct msghdr more = {.msg_iov = rest, .msg_iovlen = (size_t)iov_rest(m->msg_iov, n, done, rest)};
		ssize_t r = recvwait(pd, &more, flags);
		fdkeep(pd, POLL_R, r);
		if (r <= 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

/* Runs on: g, foreign. May park. */
ssize_t garn_recvmsg(int fd, struct msghdr *m, int flags)
{
	bool waits = !(flags & (MSG_DONTWAIT | MSG_ERRQUEUE));
	struct polldesc *pd = waits ? fdlock(fd, POLL_R) : fdref(fd);
	if (!pd)
		return -1;
	bool pinned = pin_msg(m);
	ssize_t r;
	if (waits) {
		int once = flags & ~MSG_WAITALL;
		r = recvwait(pd, m, once);
		if (r > 0 && flags & MSG_WAITALL && !(flags & MSG_PEEK))
			r = recvall(pd, m, once, (size_t)r);
		iosan_acquire();
		fdunlock(pd, POLL_R);
	} else {
		while ((r = neg(recvmsg(fd, m, flags))) == -EINTR)
			;
		iosan_acquire();
		fdunref(pd);
	}
	unpin_msg(pinned, m);
	return fdresult(r);
}

/* Runs on: g, foreign. May park. */
ssize_t garn_recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from, socklen_t *fromlen)
{
	struct iovec v = {.iov_base = buf, .iov_len = n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_name = from, .msg_namelen = from && fromlen ? *fromlen : 0};
	ssize_t r = garn_recvmsg(fd, &m, flags);
	if (r >= 0 && from && fromlen)
		*fromlen = m.msg_namelen;
	return r;
}

/* Runs on: g, foreign. May park. */
ssize_t garn_recv(int fd, void *buf, size_t n, int flags)
{
	return garn_recvfrom(fd, buf, n, flags, NULL, NULL);
}

/* ---- Sending ---- */

/* A message, or a part of a stream. Holds: the write lock. */
static ssize_t sendwait(struct polldesc *pd, const struct msghdr *m, int flags)
{
	uint32_t tries = 0;
	ssize_t r = fdbegin(pd, POLL_W);
	while (r == 0) {
		r = neg(sendmsg(pd->fd, m, flags | MSG_DONTWAIT));
		if (likely(r >= 0))
			break;
		if (r == -EAGAIN)
			r = fdwait(pd, POLL_W, &tries);
		else if (r == -EINTR)
			r = 0;
	}
	return r;
}

/* What a stream did not take at once. Ancillary data went with the first part. Holds: the write lock. */
static noinline ssize_t sendrest(struct polldesc *pd, const struct msghdr *m, int flags, size_t done)
{
	int n = (int)m->msg_iovlen;
	size_t total = iov_total(m->msg_iov, n);
	struct iovec rest[IOV_WINDOW];
	while (done < total) {
		struct msghdr more = {.msg_iov = rest, .msg_iovlen = (size_t)iov_rest(m->msg_iov, n, done, rest)};
		ssize_t r = sendwait(pd, &more, flags);
		fdkeep(pd, POLL_W, r);
		if (r <= 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

/* Runs on: g, foreign. May park. */
ssize_t garn_sendmsg(int fd, const struct msghdr *m, int flags)
{
	bool waits = !(flags & MSG_DONTWAIT);
	struct polldesc *pd = waits ? fdlock(fd, POLL_W) : fdref(fd);
	if (!pd)
		return -1;
	iosan_release();
	bool pinned = pin_msg(m);
	flags |= MSG_NOSIGNAL;
	ssize_t r;
	if (waits) {
		r = sendwait(pd, m, flags);
		if (r > 0 && (m->msg_iovlen > 1 || (size_t)r < m->msg_iov->iov_len))
			r = sendrest(pd, m, flags, (size_t)r);
		fdunlock(pd, POLL_W);
	} else {
		while ((r = neg(sendmsg(fd, m, flags))) == -EINTR)
			;
		fdunref(pd);
	}
	unpin_msg(pinned, m);
	return fdresult(r);
}

/* Runs on: g, foreign. May park. */
ssize_t garn_sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *to, socklen_t tolen)
{
	struct iovec v = {.iov_base = (void *)buf, .iov_len = n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_name = (void *)to, .msg_namelen = to ? tolen : 0};
	return garn_sendmsg(fd, &m, flags);
}

/* Runs on: g, foreign. May park. */
ssize_t garn_send(int fd, const void *buf, size_t n, int flags)
{
	return garn_sendto(fd, buf, n, flags, NULL, 0);
}
