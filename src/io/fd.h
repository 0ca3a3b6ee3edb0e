/* What the files of io/ share: taking a descriptor for a call, waiting for it, what kind of file it is.
 *
 * A call: fdlock (one at a time for each direction) or fdref, then the system call without waiting; when it says EAGAIN, fdwait,
 * and again; then fdunlock or fdunref. What a helper returns is a result, or -errno: errno itself is set at the very end,
 * on the thread the call ends on. */
#ifndef IO_FD_H
#define IO_FD_H

#include "garn.h"
#include "os/os.h"
#include "poll/poll.h"
#include "sched/retake.h"
#include "sched/sched.h"
#include <sys/types.h>

/* What the file of a descriptor is, as far as we know. A guess: the number may be another file's by now. Each guess
 * is such that the call it leads to works, or fails in a way that shows the mistake, or asks first. */
enum fdkind {
	FD_UNKNOWN,
	FD_SOCKET, /* recv and send, which can be told not to wait */
	FD_TCP,    /* the same, and what epoll says of it is to be relied on */
	FD_NOWAIT, /* preadv2 and pwritev2 can be told not to wait */
	FD_POLLED, /* they cannot: ask poll first, then read or write what will not wait */
	FD_FILE,   /* preadv2 says whether it would wait for the disk, */
	FD_DIRECT, /* and here (O_DIRECT) it always does */
	FD_BLOCKS, /* always ready as far as poll knows: the thread waits. Never remembered */
};
enum fdkind fdkind(struct polldesc *pd);
/* The same, not a guess. */
enum fdkind fdlook(struct polldesc *pd);
void fdsetkind(struct polldesc *pd, enum fdkind kind);

/* Bits of polldesc.info. */
enum { INFO_CLOSING = 1, INFO_PAST = 2 }; /* INFO_PAST << mode: the deadline is over */

/* Take a descriptor for a call that reads (accepts) or writes (connects); others of that direction queue up. Null with
 * errno: closed, or out of range. Runs on: g, foreign. May park. */
struct polldesc *fdlock(int fd, enum pollmode mode);
void fdunlock(struct polldesc *pd, enum pollmode mode);
/* The same beside any others. May park only when the number is just being closed. */
struct polldesc *fdref(int fd);
void fdunref(struct polldesc *pd);
/* For garn_close: no more calls, and those that wait on mu are sent away. The caller has a reference then. 0 or -errno. */
int fdbeginclose(struct polldesc *pd);
/* Wait until no call uses the descriptor. */
void fdlastref(struct polldesc *pd);
/* The number may be used again. */
void fdendclose(struct polldesc *pd);

/* The file of fd is new (accept, open): nothing of an earlier one, closed behind our back, counts. */
void fdnew(int fd);
static inline bool fdissocket(enum fdkind kind)
{
	return kind == FD_SOCKET || kind == FD_TCP;
}

/* Why a call in that direction must not wait: -ECANCELED, -ETIMEDOUT, or 0. */
static inline int fderr(struct polldesc *pd, enum pollmode mode)
{
	uint32_t info = load_sc(&pd->info); // sc[PI]
	if (likely(info == 0))
		return 0;
	if (info & INFO_CLOSING)
		return -ECANCELED;
	return info & (uint32_t)INFO_PAST << mode ? -ETIMEDOUT : 0;
}
/* An error (r < 0) that comes after a part was done: the kernel says it once, so it is kept for the next call. Holds: as below. */
void fdkeep(struct polldesc *pd, enum pollmode mode, ssize_t r);
int fdlate(struct polldesc *pd, enum pollmode mode);
/* The first thing a call has to say: what the last one had to, after a part was done; or as fderr. Holds: the mode's half of mu. */
static inline int fdbegin(struct polldesc *pd, enum pollmode mode)
{
	return unlikely(load_rlx(&pd->late[mode])) ? fdlate(pd, mode) : fderr(pd, mode);
}
/* Wait until the file may be ready. 0: try again; -EPERM: files of this kind are always ready; or as fderr. *tries counts
 * for the caller, from 0. Holds: the mode's half of mu. May park. */
int fdwait(struct polldesc *pd, enum pollmode mode, uint32_t *tries);
/* Nothing is there to read, as far as is known without asking. Holds: the read half of mu, and is going to ask, or to fdwait. */
static inline bool fdisdry(struct polldesc *pd)
{
	if (!load_rlx(&pd->dry))
		return false;
	store_rlx(&pd->dry, 0);
	if (load_rlx(&pd->word[POLL_R]) == POLL_NIL)
		return true;
	pollprepare(pd, POLL_R);
	return false;
}
/* A read got less than it asked for: a TCP connection has no more then, unless it has come to an end or to urgent data. */
static inline void fdgotless(struct polldesc *pd, enum fdkind kind)
{
	if (kind == FD_TCP && load_rlx(&pd->own) && !load_rlx(&pd->ended))
		store_rlx(&pd->dry, 1);
}
/* Wait a while for something the kernel does not tell of. 0, or as fderr. May park. */
int fdnap(struct polldesc *pd, enum pollmode mode, int64_t ns);

/* The end of a public call. */
static inline ssize_t fdresult(ssize_t r)
{
	if (likely(r >= 0))
		return r;
	errno = (int)-r;
	return -1;
}

/* What was written before a write is seen after the read that got it: for TSan, which cannot know. */
#if SAN_THREAD
void iosan_acquire(void);
void iosan_release(void);
#else
static inline void iosan_acquire(void)
{
}
static inline void iosan_release(void)
{
}
#endif

#endif
