/* Channels, with Go's semantics.
 *
 * 1. At most one of recvq and sendq has waiters, but for a select that sends to and receives from the same channel.
 * 2. Buffered: a waiting receiver means an empty buffer, a waiting sender a full one.
 * 3. A waiter is taken off its queue under the lock, its value is moved, the lock is released, and then it is readied.
 *    The unlock is the last touch of the channel, goready comes after it: the one who is woken may free the channel.
 * 4. The looks without the lock (closed, qcount, the queues' first) only serve to say "would block" from a try call:
 *    each is one word, and the order they are read in is the one in which they can only change for the worse.
 * 5. Close touches no place of a waiter's: a receiver zeroes its own when it runs. With a million of them, whose stacks are packed away, or in no
 *    cache, the lock would be held for seconds. How large the place is goes with who is woken, as the channel may be gone by then.
 *
 * The lock costs one locked instruction an operation; a lock-free ring would cost as much and could not hand over.
 * Go copies waiters' values into their stacks with write barriers; here a stack never moves. */

#include "sync/chan.h"
#include "core/lock.h"
#include "core/throw.h"
#include "sched/retake.h"
#include "sched/scan.h"
#include "sched/sched.h"
#include "sync/sudog.h"
#include <stdlib.h>
#include <string.h>
#undef errno

/* A value of n bytes; the common sizes without a call. */
static inline void copy(void *dst, const void *src, size_t n)
{
	switch (n) {
	case 4: memcpy(dst, src, 4); return;
	case 8: memcpy(dst, src, 8); return;
	case 16: memcpy(dst, src, 16); return;
	case 1: memcpy(dst, src, 1); return;
	case 0: return;
	}
	memcpy(dst, src, n);
}

static inline void *slot(garn_chan *c, size_t i)
{
	return c->buf + i * c->elemsize;
}

static inline size_t after(garn_chan *c, size_t i)
{
	return i + 1 == c->dataqsiz ? 0 : i + 1;
}

garn_chan *garn_chan_make(size_t elemsize, size_t cap)
{
	size_t bytes;
	if (__builtin_mul_overflow(elemsize, cap, &bytes) || bytes > PTRDIFF_MAX - sizeof(garn_chan) || cap > PTRDIFF_MAX)
		panic("makechan: size out of range");
	garn_chan *c = malloc(sizeof *c + bytes);
	if (!c)
		fatal_os("no memory for a channel", ENOMEM, "see " MEMORY_LIMITS);
	memset(c, 0, sizeof *c);
	lockinit(&c->lock, RANK_CHAN);
	c->dataqsiz = cap;
	c->elemsize = elemsize;
	c->refs = 1;
	return c;
}

garn_chan *garn_chan_ref(garn_chan *c)
{
	if (c)
		add_rlx(&c->refs, 1);
	return c;
}

void garn_chan_unref(garn_chan *c)
{
	if (!c)
		return;
	uint32_t left = add_acqrel(&c->refs, -1); // acq[CR] rel[CR]: all use of the channel is before its end
	if (left == UINT32_MAX)
		fatal("chan_unref: more unrefs than references");
	if (left != 0)
		return;
	lock(&c->lock); /* a sender that no longer needs the channel may still be on its way out of unlock */
	bool waiters = c->recvq.first || c->sendq.first;
	unlock(&c->lock);
	if (waiters)
		fatal("chan_unref: the last reference is gone and goroutines still wait on the channel");
	if (c->atend && !c->atend(c))
		return;
	free(c);
}

/* A waiting receiver gets the value straight into its place. Holds the lock, releases it. */
static inline void send_to(garn_chan *c, struct sudog *sg, const void *elem)
{
	struct g *gp = sg->g;
	bool held = holdwaiter(gp);
	if (sg->elem)
		copy(sg->elem, elem, c->elemsize);
	letgowaiter(held, gp);
	gp->param = sg;
	sg->success = true;
	unlock(&c->lock);
	goready(gp);
}

/* A waiting sender's value: straight from its place, or, when buffered, the head of the buffer while the
 * sender's goes to the tail. Holds the lock, releases it. */
static inline void recv_from(garn_chan *c, struct sudog *sg, void *elem)
{
	struct g *gp = sg->g;
	bool held = holdwaiter(gp);
	if (c->dataqsiz == 0) {
		if (elem)
			copy(elem, sg->elem, c->elemsize);
	} else {
		if (elem)
			copy(elem, slot(c, c->recvx), c->elemsize);
		copy(slot(c, c->recvx), sg->elem, c->elemsize);
		c->recvx = after(c, c->recvx);
		c->sendx = c->recvx;
	}
	letgowaiter(held, gp);
	gp->param = sg;
	sg->success = true;
	unlock(&c->lock);
	goready(gp);
}

static inline void buf_put(garn_chan *c, const void *elem)
{
	copy(slot(c, c->sendx), elem, c->elemsize);
	c->sendx = after(c, c->sendx);
	store_rlx(&c->qcount, c->qcount + 1);
}

static inline void buf_get(garn_chan *c, void *elem)
{
	if (elem)
		copy(elem, slot(c, c->recvx), c->elemsize);
	c->recvx = after(c, c->recvx);
	store_rel(&c->qcount, c->qcount - 1); // rel[CQ]: after the close, if it was closed
}

/* One side of an operation, without waiting; the lock is held, and released when it says DONE or CLOSED. Also select's. */
enum chanop chansend_locked(garn_chan *c, const void *elem)
{
	if (unlikely(c->closed))
		return unlock(&c->lock), CHAN_CLOSED;
	struct sudog *sg = waitq_get(&c->recvq);
	if (sg) {
		send_to(c, sg, elem);
		return CHAN_DONE;
	}
	if (c->qcount < c->dataqsiz) {
		buf_put(c, elem);
		unlock(&c->lock);
		return CHAN_DONE;
	}
	return CHAN_WAIT;
}

enum chanop chanrecv_locked(garn_chan *c, void *elem)
{
	struct sudog *sg;
	if (c->closed) {
		if (c->qcount == 0) {
			unlock(&c->lock);
			if (elem)
				memset(elem, 0, c->elemsize);
			return CHAN_CLOSED;
		}
	} else if ((sg = waitq_get(&c->sendq))) {
		recv_from(c, sg, elem);
		return CHAN_DONE;
	}
	if (c->qcount > 0) {
		buf_get(c, elem);
		unlock(&c->lock);
		return CHAN_DONE;
	}
	return CHAN_WAIT;
}

/* Wait on q with the lock held; what comes back says who woke us: a value, or close. c may be gone then. */
static struct sudog *chanwait(garn_chan *c, struct waitq *q, void *elem, enum waitreason why)
{
	struct g *gp = mustgetg();
	struct sudog *sg = &gp->sudog;
	sg->g = gp;
	sg->elem = elem;
	sg->c = c;
	sg->isselect = false;
	sg->success = false;
	waitq_put(q, sg);
	gopark(parkunlock, &c->lock, why);
	return sg;
}

/* Woken by close, which left that to us. */
noinline void chan_zero(struct sudog *sg)
{
	if (sg->elem)
		memset(sg->elem, 0, sg->elemsize);
}

static noinline void closedsend(void)
{
	panic("send on closed channel");
}

static noinline void nilwait(enum waitreason why)
{
	mustgetg();
	for (;;)
		gopark(NULL, NULL, why);
}

void garn_chan_send(garn_chan *c, const void *elem)
{
	callpoint_park(getg());
	if (unlikely(!c))
		nilwait(WAIT_CHAN_SEND_NIL);
	mustgetg();
	hard_yield();
	lock(&c->lock);
	switch (chansend_locked(c, elem)) {
	case CHAN_DONE: return;
	case CHAN_CLOSED: closedsend(); return;
	case CHAN_WAIT: break;
	}
	if (unlikely(!chanwait(c, &c->sendq, (void *)(uintptr_t)elem, WAIT_CHAN_SEND)->success))
		closedsend();
}

bool garn_chan_recv(garn_chan *c, void *elem)
{
	callpoint_park(getg());
	if (unlikely(!c))
		nilwait(WAIT_CHAN_RECV_NIL);
	mustgetg();
	hard_yield();
	lock(&c->lock);
	switch (chanrecv_locked(c, elem)) {
	case CHAN_DONE: return true;
	case CHAN_CLOSED: return false;
	case CHAN_WAIT: break;
	}
	struct sudog *sg = chanwait(c, &c->recvq, elem, WAIT_CHAN_RECV);
	if (unlikely(!sg->success))
		return chan_zero(sg), false;
	return true;
}

bool garn_chan_try_send(garn_chan *c, const void *elem)
{
	callpoint(getg());
	if (!c)
		return false;
	/* Open and full, or open with nobody waiting: the second look can only be out of date by a moment at which
	 * it was right, as a closed channel does not open again. */
	if (!load_acq(&c->closed) && // acq[CC]
	    (c->dataqsiz == 0 ? !load_rlx(&c->recvq.first) : load_rlx(&c->qcount) == c->dataqsiz))
		return false;
	mustgetg();
	lock(&c->lock);
	switch (chansend_locked(c, elem)) {
	case CHAN_DONE: return true;
	case CHAN_CLOSED: closedsend(); break;
	case CHAN_WAIT: unlock(&c->lock); break;
	}
	return false;
}

static bool empty(garn_chan *c)
{
	return c->dataqsiz == 0 ? !load_rlx(&c->sendq.first) : load_acq(&c->qcount) == 0; // acq[CQ]: before the look at closed
}

bool garn_chan_try_recv(garn_chan *c, void *elem)
{
	callpoint(getg());
	if (!c)
		return false;
	/* Empty, and not closed after that look: so there was a moment when it would have waited. */
	if (empty(c) && !load_acq(&c->closed)) // acq[CC]
		return false;
	mustgetg();
	lock(&c->lock);
	if (chanrecv_locked(c, elem) != CHAN_WAIT)
		return true;
	unlock(&c->lock);
	return false;
}

/* Everybody is told, all receivers first: receivers get false, and zero what they wait for; senders die. */
void garn_chan_close(garn_chan *c)
{
	if (!c)
		panic("close of nil channel");
	mustgetg();
	lock(&c->lock);
	if (c->closed) {
		unlock(&c->lock);
		panic("close of closed channel");
	}
	store_rel(&c->closed, 1); // rel[CC]: after everything sent
	struct g *list = NULL, **end = &list;
	for (int side = 0; side < 2; side++) {
		struct sudog *sg;
		while ((sg = waitq_get(side == 0 ? &c->recvq : &c->sendq))) {
			sg->elemsize = c->elemsize;
			sg->success = false;
			sg->g->param = sg;
			sg->g->schedlink = NULL;
			*end = sg->g;
			end = &sg->g->schedlink;
		}
	}
	unlock(&c->lock);
	while (list) {
		struct g *gp = list;
		list = gp->schedlink;
		goready(gp);
	}
}

size_t garn_chan_len(garn_chan *c)
{
	return c ? load_rlx(&c->qcount) : 0;
}

size_t garn_chan_cap(garn_chan *c)
{
	return c ? c->dataqsiz : 0;
}

bool chan_trysend_g0(garn_chan *c, const void *elem, struct g **wake)
{
	*wake = NULL;
	lock(&c->lock);
	bool sent = true;
	struct sudog *sg = c->closed ? NULL : waitq_get(&c->recvq);
	if (sg) {
		bool held = holdwaiter(sg->g);
		if (sg->elem)
			copy(sg->elem, elem, c->elemsize);
		letgowaiter(held, sg->g);
		sg->g->param = sg;
		sg->success = true;
		*wake = sg->g;
	} else if (!c->closed && c->qcount < c->dataqsiz) {
		buf_put(c, elem);
	} else {
		sent = false;
	}
	unlock(&c->lock);
	return sent;
}

void chan_drain(garn_chan *c)
{
	lock(&c->lock);
	c->recvx = c->sendx;
	store_rlx(&c->qcount, (size_t)0);
	unlock(&c->lock);
}
