/* What the files of time/ share. */
#ifndef TIME_TIME_H
#define TIME_TIME_H

#include "sched/sched.h"
#include "timer/timer.h"

/* Locks that are always there, by address: for who comes late, when the object may be gone, and its timer another's or zeros. */
enum { TIMELOCKS = 64 };
extern struct timelock {
	struct lock lock;
} cache_aligned timelocks[TIMELOCKS];
static inline uint32_t timelocknumber(const void *p)
{
	return (uint32_t)((uintptr_t)p * 0x9E3779B97F4A7C15ull >> 58) % TIMELOCKS;
}

/* Arm an idle timer in the heap of this thread's P and see that somebody wakes for it; the arming's stamp comes back. t may
 * be gone on return. Runs on: g, g0, foreign. Holds: nothing. Never parks. */
static inline uint64_t armtimer(struct timer *t, int64_t when, int64_t period, uint32_t seq)
{
	bool wake;
	uint64_t stamp = timer_arm(t, mytimers(), when, period, seq, &wake);
	if (wake)
		wakenetpoller(when);
	return stamp;
}

#endif
