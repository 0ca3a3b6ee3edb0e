/* The caches of sudogs: SUDOG_MAX at most for each P, half of them moved to or from the central list at a time.
 * A g has one of its own for plain waits; select needs one a case. */

#include "sync/sudog.h"
#include "core/lock.h"
#include "core/persistent.h"
#include "core/throw.h"
#include <errno.h>
#include "os/os.h"
#include "sched/retake.h"
#include "sched/san.h"

static struct {
	struct lock lock;
	struct sudog *free; /* L: by next */
	struct sudog *last; /* L: TSan's builds: free is in order of age */
	int32_t n;          /* L: the same: how many */
} central = { .lock = LOCKINIT(RANK_SUDOG) };

enum { CHUNK = 16 << 10 };

/* Holds central.lock. */
static void more(void)
{
	struct sudog *s = persistentalloc(CHUNK);
	if (!s)
		fatal_os("no memory for a wait", ENOMEM, "see " MEMORY_LIMITS);
	for (size_t i = 0; i < CHUNK / sizeof *s; i++) {
		s[i].next = central.free;
		central.free = &s[i];
		central.n++;
	}
	if (!central.last)
		central.last = s;
}

static struct sudog *take(void)
{
	while (SAN_THREAD ? central.n <= SAN_KEPT : !central.free)
		more();
	struct sudog *sg = central.free;
	central.free = sg->next;
	central.n--;
	return sg;
}

struct sudog *acquiresudog(void)
{
	struct m *mp = getg()->m;
	struct p *pp = penter(mp);
	struct sudog *sg = pp ? pp->sudogs : NULL;
	if (!sg) {
		lock(&central.lock);
		sg = take();
		while (!SAN_THREAD && pp && pp->nsudog < SUDOG_MAX / 2) {
			struct sudog *s = take();
			s->next = pp->sudogs;
			pp->sudogs = s;
			pp->nsudog++;
		}
		unlock(&central.lock);
	} else {
		pp->sudogs = sg->next;
		pp->nsudog--;
	}
	pleave(mp);
	sg->next = sg->prev = NULL;
	san_acquire(sg);
	return sg;
}

/* TSan's builds (SAN_KEPT): one list for all, the oldest first. */
static void putlast(struct sudog *sg)
{
	lock(&central.lock);
	sg->next = NULL;
	central.last->next = sg;
	central.last = sg;
	central.n++;
	unlock(&central.lock);
}

/* The P has enough of them: sg, and half of what it has, go to the central list. */
static noinline void spill(struct p *pp, struct sudog *sg)
{
	lock(&central.lock);
	sg->next = central.free;
	central.free = sg;
	while (pp && pp->nsudog > SUDOG_MAX / 2) {
		struct sudog *s = pp->sudogs;
		pp->sudogs = s->next;
		pp->nsudog--;
		s->next = central.free;
		central.free = s;
	}
	unlock(&central.lock);
}

void releasesudog(struct sudog *sg)
{
	struct m *mp = getg()->m;
	san_release(sg);
	if (SAN_THREAD) {
		putlast(sg);
		return;
	}
	struct p *pp = penter(mp);
	if (likely(pp && pp->nsudog < SUDOG_MAX)) {
		sg->next = pp->sudogs;
		pp->sudogs = sg;
		pp->nsudog++;
	} else {
		spill(pp, sg);
	}
	pleave(mp);
}
