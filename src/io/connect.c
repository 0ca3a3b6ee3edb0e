/* accept and connect: the two that cannot be told by a flag not to wait.
 *
 * accept: a listening socket that is non-blocking is just asked. Of a blocking one, which other processes may share, poll is asked
 * first; then there is a connection to take, unless another process is faster: then the thread waits in the kernel for the
 * next one (handed over), where neither close nor deadline reach it.
 *
 * connect: the socket is non-blocking for the moment of the call. Nobody else can be troubled by that: all that another
 * process could do with a socket not yet connected fails at once anyhow. Datagram sockets, which are usable without, never
 * wait in connect. */

#include "io/fd.h"
#include "io/pin.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

static const int64_t STARVED_FIRST = 5000000, STARVED_MOST = 1000000000, CROWDED_MOST = 20000000;

static inline ssize_t neg(ssize_t r)
{
	return likely(r >= 0) ? r : -errno;
}

static bool isready(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	return poll(&p, 1, 0) != 0;
}

static ssize_t tryaccept(int fd, struct sockaddr *from, socklen_t *fromlen)
{
	if (os_failing(FAIL_ACCEPT))
		return -EMFILE;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		return -errno;
	if (flags & O_NONBLOCK)
		return neg(accept(fd, from, fromlen));
	if (!isready(fd, POLLIN))
		return -EAGAIN;
	entersyscall();
	ssize_t r = neg(accept(fd, from, fromlen));
	exitsyscall();
	return r;
}

/* No descriptor, or no memory: not now, but soon perhaps. */
static bool starving(ssize_t r)
{
	return r == -EMFILE || r == -ENFILE || r == -ENOBUFS || r == -ENOMEM;
}

/* Wait, the longer the more often in a row. 0: try once more. Holds: the read lock. */
static ssize_t starve(struct polldesc *pd)
{
	uint8_t n = load_rlx(&pd->starved);
	int64_t ns = STARVED_FIRST << n;
	if (ns < STARVED_MOST)
		store_rlx(&pd->starved, (uint8_t)(n + 1));
	else
		ns = STARVED_MOST;
	return fdnap(pd, POLL_R, ns);
}

/* Runs on: g, foreign. May park. */
int garn_accept(int fd, struct sockaddr *from, socklen_t *fromlen)
{
	struct polldesc *pd = fdlock(fd, POLL_R);
	if (!pd)
		return -1;
	bool pinned = pin(from, fromlen);
	uint32_t tries = 0;
	bool starved = false;
	if (getg())
		pollfd_get(); /* while there is a descriptor for it: whatever is accepted will have to wait */
	ssize_t r = fderr(pd, POLL_R);
	while (r == 0) {
		r = tryaccept(fd, from, fromlen);
		if (r >= 0)
			break;
		if (r == -EAGAIN) {
			r = fdwait(pd, POLL_R, &tries);
		} else if (r == -EINTR || r == -ECONNABORTED) {
			r = 0;
		} else if (starving(r) && !starved) {
			starved = true;
			r = starve(pd);
		}
	}
	if (r >= 0) {
		store_rlx(&pd->starved, 0);
		fdnew((int)r);
	}
	unpin(pinned, from, fromlen);
	iosan_acquire();
	fdunlock(pd, POLL_R);
	return (int)fdresult(r);
}

/* ---- connect ---- */

/* Start it: 0, -EINPROGRESS, or -errno. */
static ssize_t begin(int fd, const struct sockaddr *to, socklen_t len)
{
	int type = 0, flags;
	socklen_t typelen = sizeof type;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &typelen) < 0 || (flags = fcntl(fd, F_GETFL)) < 0)
		return -errno;
	bool waits = (type == SOCK_STREAM || type == SOCK_SEQPACKET) && !(flags & O_NONBLOCK);
	if (waits && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	ssize_t r = neg(connect(fd, to, len));
	if (waits)
		fcntl(fd, F_SETFL, flags);
	return r;
}

/* How it came out: a second connect tells, and only then is the socket connected for good. 0, -EAGAIN for not decided
 * yet, or -errno. */
static ssize_t outcome(int fd, const struct sockaddr *to, socklen_t len)
{
	if (!isready(fd, POLLOUT))
		return -EAGAIN;
	ssize_t r = begin(fd, to, len);
	if (r == -EINPROGRESS || r == -EALREADY)
		return -EAGAIN;
	return r == -EISCONN ? 0 : r;
}

/* A Unix socket whose listener has all he can hold: nobody tells when that is over. Holds: the write lock. */
static ssize_t crowded(struct polldesc *pd, const struct sockaddr *to, socklen_t len)
{
	ssize_t r = -EAGAIN;
	for (int64_t ns = GARN_US(100); r == -EAGAIN; ns = ns * 2 < CROWDED_MOST ? ns * 2 : CROWDED_MOST) {
		r = fdnap(pd, POLL_W, ns);
		if (r == 0)
			r = begin(pd->fd, to, len);
	}
	return r;
}

/* Runs on: g, foreign. May park. */
int garn_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	struct polldesc *pd = fdlock(fd, POLL_W);
	if (!pd)
		return -1;
	bool pinned = pin(to, NULL);
	ssize_t r = fderr(pd, POLL_W);
	if (r == 0)
		r = begin(fd, to, len);
	if (r == -EAGAIN)
		r = crowded(pd, to, len);
	uint32_t tries = 0;
	if (r == -EINPROGRESS || r == -EINTR)
		while ((r = outcome(fd, to, len)) == -EAGAIN && (r = fdwait(pd, POLL_W, &tries)) == 0)
			;
	if (r == 0) {
		store_rlx(&pd->own, 1);
		fdsetkind(pd, FD_UNKNOWN);
	}
	unpin(pinned, to, NULL);
	iosan_release();
	fdunlock(pd, POLL_W);
	return (int)fdresult(r);
}
