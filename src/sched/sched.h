/* The waist: what sync/, time/ and io/ see of the scheduler. */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include "core/runtime.h"

struct g *needm(void); /* runs on: a thread that has no g */
/* The calling thread's g: the goroutine, or the g that stands for a thread that runs none (made on first use).
 * Runs on: g or a foreign thread. Never null. Dies in a
 * forked child. */
static inline struct g *mustgetg(void)
{
	struct g *gp = getg();
	return likely(gp != NULL) ? gp : needm();
}

/* Put the calling g to sleep until goready. After it is marked waiting, unlockf(gp, lock) runs on g0; false from it resumes the
 * g at once. With unlockf null nothing is called. A foreign thread sleeps as a thread. errno is kept.
 * Runs on: g, foreign. May park. */
void gopark(bool (*unlockf)(struct g *gp, void *lock), void *lock, enum waitreason why);
/* An unlockf: unlocks the struct lock given. Runs on: g0, foreign. */
bool parkunlock(struct g *gp, void *lock);

/* Make a waiting g runnable. Only the one who took it off its wait queue may call it, once.
 * Runs on: g, g0, foreign. Holds: no runtime lock. Never parks. */
void goready(struct g *gp);
/* Start fn(arg) as a goroutine of the library's user (system: of the library itself). Runs on: any. Holds: no runtime lock. Never parks. */
struct g *newproc_call(void (*fn)(void *), void *arg, bool system);
/* A point where HARD builds let others run; only where the caller may park anyway. */
#ifdef GARN_HARD
void hard_yield(void);
#else
static inline void hard_yield(void)
{
}
#endif

/* The timer heap for the calling thread: its P's, or the first P's for a thread without one.
 * Runs on: g, g0, foreign. */
struct timers *mytimers(void);
/* A timer earlier than what the poller sleeps for was added: see to it. Runs on: any. Holds: no runtime lock. */
void wakenetpoller(int64_t when);

/* The caller is counted in npollwaiters, and will wait for a descriptor as a thread: have an M look at descriptors.
 * Runs on: any. Holds: no runtime lock. */
void needpoller(void);

/* Does a g wait for this P, or for any? A guess. Runs on: any. */
bool othersready(void);

/* Is it worth spinning for a lock held by another goroutine? (more than one P, nothing of our own to run)
 * Runs on: g, foreign. */
bool canspin(int rounds);

/* Start a thread of the library's own that runs fn(arg) and ends with it: without a P, all signals blocked, on an m's g0, so it may
 * call what runs there. It stands against no deadlock; what it is to do for others is said with outside(). 0 or an errno.
 * Runs on: g, foreign. Holds: no runtime lock. Blocks the thread until the other has begun. */
int helperstart(size_t stack, void (*fn)(void *), void *arg);
/* n more things outside (fewer, if negative) may yet ready a goroutine: a signal that is listened for, a call that a helper
 * makes. While there are any, waiting for ever is no deadlock. Runs on: g, g0, foreign. Holds: no runtime lock. */
void outside(int n);

#endif
