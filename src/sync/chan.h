/* Channels, for the rest of the library: garn.h's functions, and what timers need. */
#ifndef SYNC_CHAN_H
#define SYNC_CHAN_H

#include "core/runtime.h"
#include "garn.h"

struct waitq {
	struct sudog *first, *last;
};

/* The lock protects all but the reference count and the constants. */
struct garn_chan {
	struct lock lock;
	uint32_t closed;    /* L, A to look */
	size_t qcount;      /* L, A to look: values in the buffer */
	size_t dataqsiz;    /* I */
	size_t elemsize;    /* I */
	size_t sendx, recvx; /* L */
	struct waitq recvq; /* L */
	struct waitq sendq; /* L */
	uint32_t refs;      /* A */
	bool (*atend)(garn_chan *c); /* I: see chan_atend */
	char buf[] __attribute__((aligned(16)));
};

enum chanop { CHAN_DONE, CHAN_CLOSED, CHAN_WAIT };
/* One operation with the lock held, which DONE and CLOSED release and WAIT does not. Runs on: g, foreign. Never parks. */
enum chanop chansend_locked(garn_chan *c, const void *elem);
enum chanop chanrecv_locked(garn_chan *c, void *elem);
/* A receiver was woken by close: the place it has for a value is zeroed. Runs on: g, foreign. */
void chan_zero(struct sudog *sg);

/* Non-blocking send from g0 (timers): as garn_chan_try_send, but gp waiting is readied by the caller: returns
 * whether the value was taken; *wake is set to a g to goready, or null. Runs on: g0. */
bool chan_trysend_g0(garn_chan *c, const void *elem, struct g **wake);
/* Have f called when the last reference is gone, on the thread that dropped it: true says that the channel is to be freed
 * now; after false it is f's. For who made the channel, before others know it, or after with a reference held. */
static inline void chan_atend(garn_chan *c, bool (*f)(garn_chan *c))
{
	c->atend = f;
}
/* Drop all buffered values (a stopped ticker or timer must leave nothing stale). Runs on: g, foreign. */
void chan_drain(garn_chan *c);

#endif
