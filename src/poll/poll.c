/* Asking the kernel what is ready, and the sleep of the last idle M.
 *
 * A program that uses no descriptor has none of this: no epoll, no eventfd; its last M sleeps on a futex. The first who is
 * to wait for a descriptor makes both, and has whoever sleeps on the futex come round (invariant 3).
 *
 *  1. breaks is 1 from pollbreak until a pollwait has seen it: a break is never lost, two may count as one. Only
 *     the one who sets it writes the eventfd or wakes the futex, so there are no duplicates.
 *  2. The eventfd is read by pollwait only, before it clears breaks. A write that comes after costs one early return.
 *  3. `up` is set before a break that wakes the futex no matter what breaks was. A pollwait that read `up` as 0 and then
 *     cleared breaks returns; so no sleep on the futex outlasts the making of epoll.
 *  4. An event belongs to whoever epoll_wait gave it to (edge-triggered, no other thread gets it), who returns the gs it wakes. So
 *     each caller readies its list, whatever else it does.
 *
 * Where this leaves Go: the wait without descriptors is a futex; epoll_pwait2 waits nanoseconds, Go's wait is rounded to
 * milliseconds. */

#include "poll/poll.h"
#include "core/throw.h"
#include "os/os.h"
#include <errno.h>
#include <sys/epoll.h>

enum { EVENTS = 128 };

static struct {
	struct lock lock;
	int fd, eventfd;  /* I: published by up */
	uint32_t up;      /* A[PO] */
	uint32_t asking;  /* A: a pollnow is under way */
	int64_t last;     /* A: when somebody asked last */
} ep = { .lock = LOCKINIT(RANK_LEAF) };

static uint32_t breaks; /* A[PB] */
int32_t npollwaiters;

static bool up(void)
{
	return load_acq(&ep.up); // acq[PO]
}

/* Make epoll and the eventfd. 0 or -errno, with nothing made. Holds ep.lock. */
static int make(void)
{
	int fd = os_epollcreate();
	if (fd < 0)
		return fd;
	int efd = os_eventfd();
	int err = efd < 0 ? efd : os_epollctl(fd, EPOLL_CTL_ADD, efd, EPOLLIN, POLL_BREAK);
	if (err < 0) {
		if (efd >= 0)
			os_closefd(efd);
		os_closefd(fd);
		return err;
	}
	ep.fd = fd;
	ep.eventfd = efd;
	store_rel(&ep.up, 1); // rel[PO]: publishes the descriptors
	return 0;
}

int pollfd_get(void)
{
	if (likely(up()))
		return ep.fd;
	lock(&ep.lock);
	int err = ep.up ? 0 : make();
	unlock(&ep.lock);
	if (err < 0)
		return err;
	xchg_acqrel(&breaks, 1); // rel[PB]
	os_futexwake(&breaks, 1);
	return ep.fd;
}

/* Ask, and sleep at most ns (< 0: no limit). */
static struct g *ask(int64_t ns)
{
	struct epoll_event ev[EVENTS];
	struct g *list = NULL;
	int n = os_epollwait(ep.fd, ev, EVENTS, ns);
	if (n < 0 && n != -EINTR)
		fatal_os("cannot wait for descriptors", -n, "Does the program close descriptors that are not its own?");
	store_rlx(&ep.last, os_nanotime());
	for (int i = 0; i < n; i++) {
		if (ev[i].data.u64 != POLL_BREAK) {
			list = pollevent(ev[i].data.u64, ev[i].events, list);
		} else if (ns != 0) {
			os_eventfdclear(ep.eventfd);
			xchg_acqrel(&breaks, 0); // acq[PB]
		}
	}
	return list;
}

struct g *pollnow(void)
{
	if (!up() || load_rlx(&ep.asking) || !cas_acq(&ep.asking, 0, 1)) // acq[PN]
		return NULL;
	struct g *list = ask(0);
	store_rel(&ep.asking, 0); // rel[PN]
	return list;
}

/* The wait without descriptors. */
static void futexwait(int64_t until)
{
	while (!xchg_acqrel(&breaks, 0)) { // acq[PB]
		int64_t ns = -1;
		if (until != INT64_MAX && (ns = until - os_nanotime()) <= 0)
			return;
		os_futexsleep(&breaks, 0, ns);
	}
}

struct g *pollwait(int64_t until)
{
	if (!up()) {
		futexwait(until);
		return NULL;
	}
	if (xchg_acqrel(&breaks, 0)) // acq[PB]
		return NULL;
	int64_t ns = -1;
	if (until != INT64_MAX && (ns = until - os_nanotime()) <= 0)
		return NULL;
	return ask(ns);
}

void pollbreak(void)
{
	if (xchg_acqrel(&breaks, 1)) // rel[PB]: what the breaker wants seen was written before
		return;
	if (up())
		os_eventfdset(ep.eventfd);
	else
		os_futexwake(&breaks, 1);
}

bool pollstale(int64_t now, int64_t ns)
{
	return up() && now - load_rlx(&ep.last) > ns;
}
