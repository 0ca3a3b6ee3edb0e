/* io_uring, for reads that have to wait for the disk: many at once without a thread each.
 *
 * One helper thread owns the ring: it alone submits and takes what is done, so the ring needs no lock. A goroutine parks, then its
 * request is put in the list (on g0, so it cannot be done before the g is parked); the helper, which sleeps in io_uring_enter only, is woken
 * by an eventfd that the ring itself watches.
 *
 * Why a thread of its own: the kernel finishes a request on the thread that submitted it. Submitted on a goroutine's thread, that would
 * interrupt system calls of the user's there, with EINTR and no signal; and if that thread ended, the request would be cancelled.
 *
 *  1. A request is on its owner's stack. Once done is set in it, it is not touched again.
 *  2. asleep is set, under the lock, only while the list is empty; who puts a request there and finds it set clears it, and
 *     writes the eventfd. So what is in the list is seen before the helper sleeps, or wakes it.
 *  3. While a request is on its way there is no deadlock: outside(1) from before the first is in the list until the last one's g is
 *     ready.
 *
 * It leaves when there was nothing to do for 2 s, with the ring: the kernel may have made threads for it, which stand against the verdict of
 * a deadlock (dead.c) while they are there.
 *
 * Without liburing at build time, or where the kernel or a sandbox refuses io_uring (it is tried once), threads wait in
 * preadv instead. Figures: HACKING.md. */

#include "io/ring.h"
#include "core/lock.h"
#include "core/throw.h"
#include "io/pin.h"
#include "garn.h"
#include "os/os.h"
#include "sched/san.h"
#include "sched/sched.h"
#include <errno.h>

#ifndef GARN_NO_URING
#include <liburing.h>
#include <poll.h>

enum { ENTRIES = 128, STACK = 64 << 10, IDLE_S = 2 };

struct request {
	struct g *gp;          /* I */
	struct request *next;  /* L, then the helper's */
	const struct iovec *v; /* I */
	off_t at;              /* I */
	int fd, n;             /* I */
	int32_t res;           /* the helper's, until gp is ready */
};

static struct {
	struct lock lock;
	struct request *first, **end; /* L */
	bool asleep;                  /* L */
	bool serving;                 /* L: or the helper has left, or is about to */
	int32_t underway;             /* L to write, A to look: requests whose g is not ready yet */
	uint32_t state;               /* A[UR] */
	int eventfd;                  /* I: published by state */
	struct io_uring ring;         /* the helper's */
} u = {.lock = LOCKINIT(RANK_POLL), .end = &u.first};
enum { UNTRIED, TRYING, UP, REFUSED };

/* ---- The helper -------------------------------------------------------------------------------- */

static void reap(void);

static struct io_uring_sqe *entry(void)
{
	struct io_uring_sqe *e;
	while (!(e = io_uring_get_sqe(&u.ring)))
		if (io_uring_submit(&u.ring) < 0) /* what was done is to be taken first, and else it will say so again */
			reap();
	return e;
}

static void listen_eventfd(void)
{
	struct io_uring_sqe *e = entry();
	io_uring_prep_poll_add(e, u.eventfd, POLLIN); /* a read of it would be told EAGAIN by older kernels: it is non-blocking */
	io_uring_sqe_set_data(e, NULL);
}

/* Everything in the list; with none, the helper counts as asleep. */
static struct request *takeall(void)
{
	lock(&u.lock);
	struct request *r = u.first;
	u.first = NULL;
	u.end = &u.first;
	u.asleep = r == NULL;
	unlock(&u.lock);
	return r;
}

static void queue(struct request *r)
{
	for (struct request *next; r; r = next) {
		next = r->next;
		struct io_uring_sqe *e = entry();
		io_uring_prep_readv(e, r->fd, r->v, (unsigned)r->n, (uint64_t)r->at);
		io_uring_sqe_set_data(e, r);
	}
}

static void over(int32_t n)
{
	lock(&u.lock);
	store_rlx(&u.underway, u.underway - n);
	bool last = u.underway == 0;
	unlock(&u.lock);
	if (last)
		outside(-1);
}

static void reap(void)
{
	struct io_uring_cqe *c;
	int32_t n = 0;
	while (io_uring_peek_cqe(&u.ring, &c) == 0) {
		struct request *r = io_uring_cqe_get_data(c);
		int32_t res = c->res;
		io_uring_cqe_seen(&u.ring, c);
		if (!r) {
			os_eventfdclear(u.eventfd);
			listen_eventfd();
			continue;
		}
		struct g *gp = r->gp;
		r->res = res;
		goready(gp);
		n++;
	}
	if (n > 0)
		over(n);
}

/* Nobody has come for a while. From here on requests are refused, until there is another ring. */
static bool leave(void)
{
	lock(&u.lock);
	u.serving = u.underway > 0;
	bool gone = !u.serving;
	unlock(&u.lock);
	if (gone) {
		io_uring_queue_exit(&u.ring);
		os_closefd(u.eventfd);
		store_rel(&u.state, UNTRIED); // rel[UR]
	}
	return gone;
}

static void serve(void *arg)
{
	(void)arg;
	struct io_uring_cqe *c;
	struct __kernel_timespec idle = {.tv_sec = IDLE_S};
	listen_eventfd();
	for (;;) {
		for (struct request *r; (r = takeall());)
			queue(r);
		int err = io_uring_submit_and_wait_timeout(&u.ring, &c, 1, &idle, NULL);
		if (unlikely(err == -ETIME && leave()))
			return;
		if (unlikely(err == -EAGAIN || err == -EBUSY))
			os_usleep(100); /* the kernel has no memory for more just now */
		else if (unlikely(err < 0 && err != -EINTR && err != -ETIME))
			throw("io_uring: a submission failed");
		reap();
	}
}

/* ---- Who asks ---------------------------------------------------------------------------------- */

static int make(void)
{
	if (os_failing(FAIL_URING))
		return ENOSYS;
	int err = io_uring_queue_init(ENTRIES, &u.ring, 0);
	if (err < 0)
		return -err;
	if (!(u.ring.features & IORING_FEAT_NODROP)) {
		io_uring_queue_exit(&u.ring);
		return ENOSYS;
	}
	u.serving = true;
	u.asleep = false;
	u.ring.ring_fd = u.ring.enter_ring_fd = os_upwards(u.ring.ring_fd);
	u.eventfd = os_eventfd();
	err = u.eventfd < 0 ? -u.eventfd : helperstart(STACK, serve, NULL);
	if (err != 0) {
		if (u.eventfd >= 0)
			os_closefd(u.eventfd);
		io_uring_queue_exit(&u.ring);
	}
	return err;
}

/* Made by the first who asks; those who ask meanwhile do without. */
static bool up(void)
{
	uint32_t state = load_acq(&u.state); // acq[UR]
	if (unlikely(state == UNTRIED && cas_acq(&u.state, UNTRIED, TRYING))) { // acq[UR]
		int err = make();
		state = err == 0 ? UP : err == ENOSYS || err == EPERM || err == EACCES ? REFUSED : UNTRIED;
		store_rel(&u.state, state); // rel[UR]: publishes the ring
	}
	return state == UP;
}

/* Runs on: g0. */
g0func static bool submit(struct g *gp, void *arg)
{
	(void)gp;
	struct request *r = arg;
	lock(&u.lock);
	if (!u.serving) {
		unlock(&u.lock);
		r->res = -ECANCELED;
		return false;
	}
	if (u.underway == 0)
		outside(1);
	store_rlx(&u.underway, u.underway + 1);
	*u.end = r;
	u.end = &r->next;
	bool wake = u.asleep;
	u.asleep = false;
	if (wake)
		os_eventfdset(u.eventfd); /* under the lock: the helper may leave after that, and close it */
	unlock(&u.lock);
	return true;
}

bool ring_busy(void)
{
	return load_rlx(&u.underway) != 0;
}

bool ring_readv(int fd, const struct iovec *v, int n, off_t at, ssize_t *r)
{
	struct request req = {.gp = mustgetg(), .v = v, .at = at, .fd = fd, .n = n};
	if (req.gp->foreign || !up())
		return false;
	san_release(&u.lock.key); /* which is taken on g0 */
	bool pinned = pin_own(req.gp); /* the request, and what it points to, if it is ours; else the caller has it pinned */
	gopark(submit, &req, WAIT_IO);
	unpin_own(pinned, req.gp);
	*r = req.res;
	return true;
}

#else

bool ring_busy(void)
{
	return false;
}

bool ring_readv(int fd, const struct iovec *v, int n, off_t at, ssize_t *r)
{
	(void)fd, (void)v, (void)n, (void)at, (void)r;
	return false;
}

#endif
