/* Who uses a descriptor: a lock for each direction and a count, in one word (Go's fdMutex), so that a close waits until nobody
 * is inside any more, and the number cannot be another file's under a call's feet.
 *
 * mu: closed (1) | read lock (2) | write lock (4) | references << 3 | waiting readers << 23 | waiting writers << 43.
 *
 *  1. Who holds a lock has a reference. The system calls on the number are made with one.
 *  2. closed is set once, by the garn_close that goes through with it, which has a reference then. From there on no reference is
 *     added. Whoever lets go of the last one wakes the closer.
 *  3. closed and no references: the closer is in close(2) or just behind it, and the number may already be somebody's new
 *     file. Who comes now waits until mu is 0: then the kernel knows whose the number is. (Before that the number is still the
 *     old file's, and the answer is EBADF.)
 *  4. Who waits in mu is counted there; who takes him out of the count releases his semaphore once. By the time he runs the
 *     number may be another file's: `closes` tells. */

#include "io/fd.h"
#include "core/throw.h"

enum { CLOSED = 1, LOCKED = 2, REFSHIFT = 3, BITS = 20, WAITSHIFT = REFSHIFT + BITS };
enum { SEMA_CLOSER = 2, YIELDS = 8 };
#define REF ((uint64_t)1 << REFSHIFT)
#define REFS ((((uint64_t)1 << BITS) - 1) << REFSHIFT)
#define WAITER(mode) ((uint64_t)1 << (WAITSHIFT + BITS * (mode)))
#define WAITERS(mode) ((((uint64_t)1 << BITS) - 1) << (WAITSHIFT + BITS * (mode)))
#define LOCKBIT(mode) ((uint64_t)LOCKED << (mode))

static garn_sem *sema(struct polldesc *pd, int i)
{
	return (garn_sem *)&pd->sema[i];
}

/* Invariant 3. */
static void awaitclose(struct polldesc *pd)
{
	for (int i = 0; load_acq(&pd->mu) & CLOSED && !(load_rlx(&pd->mu) & REFS); i++) { // acq[FD]
		if (i < YIELDS)
			garn_yield();
		else
			garn_sleep(GARN_US(20));
	}
}

/* Add to mu what `more` says, unless it is closed. Null with errno then. */
static struct polldesc *take(int fd, uint64_t bit, uint64_t waiter, int mode)
{
	struct polldesc *pd = polldesc(fd);
	if (unlikely(!pd))
		return errno = fd < 0 ? EBADF : ENOMEM, NULL;
	for (;;) {
		uint32_t closes = load_acq(&pd->closes); // acq[FC]
		uint64_t old = load_rlx(&pd->mu);
		if (unlikely(old & CLOSED)) {
			if (old & REFS)
				return errno = EBADF, NULL;
			awaitclose(pd);
			continue;
		}
		bool busy = old & bit;
		uint64_t now = busy ? old + waiter : (old | bit) + REF;
		if (unlikely(!(now & (busy ? WAITERS(mode) : REFS))))
			fatal("too many concurrent operations on a single file or socket (max 1048575)");
		if (!cas_acq(&pd->mu, old, now)) // acq[FD]
			continue;
		if (!busy)
			return pd;
		garn_sem_acquire(sema(pd, mode));
		if (load_acq(&pd->closes) != closes) // acq[FC]
			return errno = ECANCELED, NULL;
	}
}

struct polldesc *fdlock(int fd, enum pollmode mode)
{
	callpoint_park(getg());
	struct polldesc *pd = take(fd, LOCKBIT(mode), WAITER(mode), mode);
	return pd;
}

struct polldesc *fdref(int fd)
{
	return take(fd, 0, 0, 0);
}

static void dropped(struct polldesc *pd, uint64_t now)
{
	if (unlikely(now & CLOSED && !(now & REFS)))
		garn_sem_release(sema(pd, SEMA_CLOSER));
}

void fdunlock(struct polldesc *pd, enum pollmode mode)
{
	for (;;) {
		uint64_t old = load_rlx(&pd->mu), now = (old & ~LOCKBIT(mode)) - REF;
		assert_rt(old & LOCKBIT(mode) && old & REFS);
		bool wake = old & WAITERS(mode);
		if (wake)
			now -= WAITER(mode);
		if (!cas_rel(&pd->mu, old, now)) // rel[FD]
			continue;
		if (unlikely(wake))
			garn_sem_release(sema(pd, mode));
		dropped(pd, now);
		return;
	}
}

void fdunref(struct polldesc *pd)
{
	uint64_t now = add_acqrel(&pd->mu, -REF); // rel[FD]
	dropped(pd, now);
}

int fdbeginclose(struct polldesc *pd)
{
	uint64_t old;
	for (;;) {
		old = load_rlx(&pd->mu);
		if (old & CLOSED) {
			if (old & REFS)
				return -EBADF;
			awaitclose(pd);
			continue;
		}
		if (cas_acq(&pd->mu, old, ((old | CLOSED) + REF) & ~(WAITERS(POLL_R) | WAITERS(POLL_W)))) // acq[FD]
			break;
	}
	store_rel(&pd->closes, pd->closes + 1); // rel[FC]: before those who waited run
	for (int mode = POLL_R; mode <= POLL_W; mode++)
		for (uint64_t n = (old & WAITERS(mode)) / WAITER(mode); n > 0; n--)
			garn_sem_release(sema(pd, mode));
	return 0;
}

void fdlastref(struct polldesc *pd)
{
	uint64_t now = add_acqrel(&pd->mu, -REF); // acq[FD] rel[FD]
	if (now & REFS) {
		garn_sem_acquire(sema(pd, SEMA_CLOSER));
		(void)load_acq(&pd->mu); // acq[FD]: not only the last one's doings
	}
}

void fdendclose(struct polldesc *pd)
{
	store_rel(&pd->mu, 0); // rel[FD]
}
