/* What TSan is told beside the switches (san.h): fibers, and thread-local variables.
 *
 * 1. There are as many fibers as goroutines have ever been started and not ended at once, not one for each descriptor. A fiber
 *    takes several mappings, of which a process has some 65,000.
 * 2. Goroutines that run on one thread one after the other use its variables in turn, errno above all. Nothing of the
 *    program's orders them, and nothing need: it is one thread. TSan sees fibers, and would report each second use. So it is
 *    told that what it finds in the thread-local storage of an M is meant. What this hides: a pointer to such a variable given to another
 *    thread. Objects loaded later than the thread began are not covered. */
#include "sched/san.h"
#include "core/lock.h"

#if SAN_THREAD
#include <link.h>

void AnnotateBenignRaceSized(const char *file, int line, const volatile void *p, size_t size, const char *why);

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

/* For dl_iterate_phdr: this thread's copy of the object's variables. */
static int meant(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size, (void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_TLS && info->dlpi_tls_data)
			AnnotateBenignRaceSized(__FILE__, __LINE__, info->dlpi_tls_data, info->dlpi_phdr[i].p_memsz,
			                        "thread-local");
	return 0;
}

void san_threadstart(struct g *g0)
{
	g0->fiber = __tsan_get_current_fiber();
	dl_iterate_phdr(meant, NULL);
}
#endif
