/* Calls that block in libc or the kernel with no other way: made by helper threads, while the goroutine waits. */
#ifndef IO_WORK_H
#define IO_WORK_H

#include "core/runtime.h"

struct workpool;
/* Name lookups, at most WORK_LOOKUPS at once: the rest queues. */
extern struct workpool lookups;
/* Waits for children, which may last as long as they like: a thread each, up to WORK_CHILDREN. */
extern struct workpool children;
enum { WORK_LOOKUPS = 32, WORK_CHILDREN = 1000 };

/* One call. On the heap: who asked and who does it hold it, and the last of them frees it. */
struct work {
	void (*run)(struct work *w);  /* I: on a helper thread; its errno is handed on */
	void (*drop)(struct work *w); /* I: free it, and what is in it */
	struct work *next;            /* L: the pool's lock */
	struct g *gp;                 /* I: who waits */
	uint32_t gen;                 /* L: of the wait, to win it (g.selectdone) */
	bool waiting;                 /* L: gen is valid */
	bool done;                    /* L */
	uint32_t refs;                /* A[WR] */
	int err;                      /* of run, then who asked: errno */
};

/* Have w run in the pool and wait until that is done, or until the time `when` (0: no limit). 0: it is done. ETIMEDOUT: it may run
 * yet. Else an errno: no thread for it, and it never will. In any case workdrop is due after.
 * Runs on: g, foreign. Holds: nothing. May park. */
int workdo(struct workpool *pool, struct work *w, int64_t when);
/* Who asked needs w no more. */
void workdrop(struct work *w);

#endif
