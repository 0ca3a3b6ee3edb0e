/* Notes: one thread sleeps until another says so, once.
 *
 *   key   0 -> 1 [notewakeup]     1 -> 0 [noteclear]
 *
 *   1. Two wake-ups without a clear between them are a bug, and throw: somebody thinks he woke a thread that was
 *      woken for another reason.
 *   2. After key is 1 the waker does not touch the note again (the futex call needs its address only): the sleeper may
 *      have returned and freed it. */
#include "core/note.h"
#include "core/throw.h"
#include "os/os.h"

/* Runs on: any, when nobody sleeps on n or will wake it. Never parks. */
void noteclear(struct note *n)
{
	store_rlx(&n->key, 0);
}

/* Runs on: any. Holds: anything. Never parks. */
void notewakeup(struct note *n)
{
	if (unlikely(xchg_acqrel(&n->key, 1) != 0)) // rel[NT]: publishes what the waker did before
		throw("notewakeup: woken twice");
	os_futexwake(&n->key, 1);
}

/* Runs on: g0, or a thread that runs no goroutine. Blocks the thread. */
void notesleep(struct note *n)
{
	while (load_acq(&n->key) == 0) // acq[NT]: sees it
		os_futexsleep(&n->key, 0, -1);
}

/* ns < 0: no limit. Runs on: as notesleep. Blocks the thread. */
bool notetsleep(struct note *n, int64_t ns)
{
	if (ns < 0) {
		notesleep(n);
		return true;
	}
	int64_t now = os_nanotime();
	int64_t end = ns < INT64_MAX - now ? now + ns : INT64_MAX;
	for (;;) {
		if (load_acq(&n->key) != 0) // acq[NT]
			return true;
		if (now >= end)
			return false;
		os_futexsleep(&n->key, 0, end - now);
		now = os_nanotime();
	}
}
