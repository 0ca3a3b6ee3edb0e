/* What TSan is told beside the switches (san.h): fibers, and thread-local variables.
 *
 * 1. There are as many fibers as goroutines have ever been started and not ended at once, not one for each descriptor. A fiber
 *    takes several mappings, of which a process has some 65,000.
 * 2. A new fiber knows what the one that made it knows. So they are all made on one, the maker, that does nothing else and never
 *    learns of anything: what a goroutine knows at its start is what `go` tells it.
 * 3. Goroutines that run on one thread one after the other use its variables in turn, errno above all. Nothing of the
 *    program's orders them, and nothing need: it is one thread. TSan sees fibers, and would report each second use. So it is
 *    told that what it finds in the thread-local storage of an M is meant. What this hides: a pointer to such a variable given to another
 *    thread. Objects loaded later than the thread began are not covered. The same goes for the stack of g0, where errands and
 *    the functions of garn_on_thread_stack follow each other. */
#include "sched/san.h"
#include "core/lock.h"

#if SAN_THREAD
#include <link.h>

void AnnotateBenignRaceSized(const char *file, int line, const volatile void *p, size_t size, const char *why);

static struct {
	struct lock lock;
	uint32_t first, n;  /* L: oldest first */
	void *fibers[1024]; /* L */
	void *maker;        /* L to run on; made by the first thread */
} spare = { .lock = LOCKINIT(RANK_LEAF) };

enum { SPARE_MOST = sizeof spare.fibers / sizeof spare.fibers[0] };
_Static_assert((int)SPARE_MOST > (int)SAN_KEPT, "kept from reuse, and room for more");

/* Holds spare.lock. */
static void *oldest(void)
{
	void *fiber = spare.fibers[spare.first];
	spare.first = (spare.first + 1) % SPARE_MOST;
	spare.n--;
	return fiber;
}

/* Runs on: g0. */
void *san_newfiber(void)
{
	void *fiber, *me = __tsan_get_current_fiber();
	lock(&spare.lock);
	if (spare.n > SAN_KEPT) {
		fiber = oldest();
	} else {
		__tsan_switch_to_fiber(spare.maker, 1);
		fiber = __tsan_create_fiber(0);
		__tsan_switch_to_fiber(me, 1);
	}
	unlock(&spare.lock);
	return fiber;
}

/* Runs on: g0; the fiber was left for good. */
void san_freefiber(void *fiber)
{
	lock(&spare.lock);
	void *extra = spare.n == SPARE_MOST ? oldest() : NULL;
	spare.fibers[(spare.first + spare.n++) % SPARE_MOST] = fiber;
	unlock(&spare.lock);
	if (extra)
		__tsan_destroy_fiber(extra);
}

void *san_errand(void *of)
{
	void *fiber = san_newfiber();
	__tsan_switch_to_fiber(fiber, 1);
	__tsan_acquire(of);
	return fiber;
}

void san_errandover(void *fiber)
{
	__tsan_switch_to_fiber(getg()->m->g0->fiber, 1);
	san_freefiber(fiber);
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
	if (!spare.maker)
		spare.maker = __tsan_create_fiber(0);
	dl_iterate_phdr(meant, NULL);
	AnnotateBenignRaceSized(__FILE__, __LINE__, (void *)g0->stack.lo, g0->stack.hi - g0->stack.lo, "g0's stack");
}
#endif
