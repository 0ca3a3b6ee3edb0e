/* Memory that the kernel is about to read or write: while a call has it, it is on no stack that is packed. For a buffer on the packed stack of another
 * goroutine the kernel would say EFAULT, perhaps when a datagram or a child was consumed already (sched/scan.c).
 *
 *   - Each public call pins all it was given, once, from its beginning to its end, and what of it is in the arrays it was given.
 *   - What is on the caller's own stack needs no pin while the caller runs, and is left free to be packed while it waits in the call: the system
 *     call is made anew after. What stays with the kernel or a helper thread meanwhile is pinned by pin_own.
 *   - A buffer that was there before the first goroutine that may be packed was started is on no such stack: so a look at sched.packing at
 *     the beginning of the call is enough, and a call remembers what it saw.
 *
 * Runs on: g, foreign. Holds: no lock of the poller's or below. Never parks. */
#ifndef IO_PIN_H
#define IO_PIN_H

#include "core/runtime.h"
#include "sched/scan.h"
#include <sys/socket.h>
#include <sys/uio.h>

void pin_each(const void *p, const void *q);
void unpin_each(const void *p, const void *q);
void pin_all(const struct iovec *v, int n);
void unpin_all(const struct iovec *v, int n);
void pin_parts(const struct msghdr *m);
void unpin_parts(const struct msghdr *m);

/* Two pieces, either of which may be null. True: unpin it. */
static inline bool pin(const void *p, const void *q)
{
	bool may = unlikely(load_rlx(&sched.packing));
	if (may)
		pin_each(p, q);
	return may;
}

static inline void unpin(bool pinned, const void *p, const void *q)
{
	if (unlikely(pinned))
		unpin_each(p, q);
}

static inline bool pin_iov(const struct iovec *v, int n)
{
	bool may = unlikely(load_rlx(&sched.packing));
	if (may)
		pin_all(v, n);
	return may;
}

static inline void unpin_iov(bool pinned, const struct iovec *v, int n)
{
	if (unlikely(pinned))
		unpin_all(v, n);
}

static inline bool pin_msg(const struct msghdr *m)
{
	bool may = unlikely(load_rlx(&sched.packing));
	if (may)
		pin_parts(m);
	return may;
}

static inline void unpin_msg(bool pinned, const struct msghdr *m)
{
	if (unlikely(pinned))
		unpin_parts(m);
}

/* The caller's own stack, while it waits. Runs on: g, foreign. */
static inline bool pin_own(struct g *gp)
{
	bool may = unlikely(gp->pack);
	if (may)
		add_sc(&gp->pins, 1); // sc[SH]: it is marked waiting after that
	return may;
}

static inline void unpin_own(bool pinned, struct g *gp)
{
	if (unlikely(pinned))
		letgog(gp);
}

#endif
