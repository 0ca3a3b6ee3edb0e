/* Fibers for TSan: as many as goroutines have ever been started and not ended at once, not one for each descriptor. A fiber
 * takes several mappings, of which a process has some 65,000. */
#include "sched/san.h"
#include "core/lock.h"

#if SAN_THREAD
static struct {
	struct lock lock;
	uint32_t n;          /* L */
	void *fibers[1024]; /* L */
} spare = { .lock = LOCKINIT(RANK_LEAF) };

void *san_newfiber(void)
{
	lock(&spare.lock);
	void *fiber = spare.n ? spare.fibers[--spare.n] : NULL;
	unlock(&spare.lock);
	return fiber ? fiber : __tsan_create_fiber(0);
}

/* Runs on: g0; the fiber was left for good. */
void san_freefiber(void *fiber)
{
	lock(&spare.lock);
	bool kept = spare.n < sizeof spare.fibers / sizeof spare.fibers[0];
	if (kept)
		spare.fibers[spare.n++] = fiber;
	unlock(&spare.lock);
	if (!kept)
		__tsan_destroy_fiber(fiber);
}
#endif
