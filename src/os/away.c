/* Pages that go away and come back, while other threads may reach for them at any moment; and whole blocks of such.
 *
 *   1. Gone means a guard marker: an access faults, and costs no memory and no mapping.
 *   2. Nothing written there before it went is lost: it is read-only first, then copied, then goes; who writes meanwhile faults. And it goes when it
 *      cannot be read any more: the kernel takes the page first and puts the marker there after that, and who read in between would find zeros.
 *   3. It comes back as a whole, in one step: nobody finds it there and not yet filled. It is moved to a place of our own (what stays behind
 *      cannot be read), filled there, and moved back. Moved, not mapped: so it is one mapping with its neighbours again.
 *   4. Coming back hardly fails. Where the kernel refuses a step (vm.max_map_count, RLIMIT_DATA) it is filled where it is: then others that
 *      touch it at that very moment may find zeros, and what they write may be lost.
 *   5. A marker holds on to its page table. So a block in which all has gone is mapped anew, without access: what touches it faults as before, and the
 *      table goes. Before it is opened again it gets its markers. A fold gives back what counts against RLIMIT_DATA and, with
 *      vm.overcommit_memory=2, against all memory: so with such limits there are none, or a goroutine could not be woken.
 *
 * Tried and rejected: /proc/self/mem, which can write to what cannot be read: 39 us against 22, a descriptor each time, and there is
 * not always a /proc; userfaultfd, which would see every page a stack grows by. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "base/atomic.h"
#include "os/internal.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif
enum { PAGE = 4096, PATIENCE_MS = 10000 };

static char *aside; /* the place of our own */

/* Somebody else may have reached a limit (RLIMIT_DATA) meanwhile: it may pass. */
static bool insist(bool (*try)(void *p, size_t n), void *p, size_t n)
{
	for (int i = 0; i < PATIENCE_MS; i++) {
		if (try(p, n))
			return true;
		os_usleep(1000);
	}
	return false;
}

static bool open1(void *p, size_t n)
{
	return mprotect(p, n, stackprot()) == 0;
}

static bool moveto(void *from, void *to, size_t n)
{
	return mremap(from, n, n, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) == to;
}

/* Runs on: any. Holds: the caller's own lock. Never parks. */
enum away os_takeaway(void *p, size_t n, bool (*keep)(void *arg), void *arg)
{
	int saved = errno;
	enum away how = AWAY_NOT;
	if (mprotect(p, n, PROT_READ | (stackprot() & PROT_EXEC)) == 0) {
		if (keep(arg) && mprotect(p, n, PROT_NONE) == 0 && !os_failing(FAIL_GUARD) && madvise(p, n, GUARD_INSTALL) == 0)
			how = AWAY_GONE;
		if (!insist(open1, p, n) && how == AWAY_NOT) /* what is gone can be opened when it comes back */
			how = AWAY_STUCK;
	}
	errno = saved;
	return how;
}

static bool inonestep(char *p, size_t n, void (*fill)(char *to, void *arg), void *arg)
{
	if (mprotect(p, n, PROT_NONE) != 0 || !moveto(p, aside, n))
		return false;
	if (mprotect(aside, n, stackprot()) != 0 || madvise(aside, n, GUARD_REMOVE) != 0)
		return false;
	fill(aside, arg);
	return moveto(aside, p, n);
}

/* Runs on: any. Holds: the caller's own lock. Never parks. */
enum back os_putback(void *p, size_t n, void (*fill)(char *to, void *arg), void *arg)
{
	int saved = errno;
	enum back how = BACK_WHOLE;
	if (!inonestep(p, n, fill, arg)) {
		how = insist(open1, p, n) ? BACK_SEEN : BACK_NOT;
		if (how == BACK_SEEN) {
			madvise(p, n, GUARD_REMOVE);
			fill(p, arg);
		}
	}
	errno = saved;
	return how;
}

/* Runs on: any. Holds: the caller's own lock. Never parks. */
bool os_fold(void *p, size_t n)
{
	int saved = errno;
	/* the first makes it a mapping of its own, if that can be had; then the second has nothing to split */
	bool ok = !os_failing(FAIL_MMAP) && mprotect(p, n, PROT_NONE) == 0 &&
	          mmap(p, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == p;
	if (ok)
		os_unfolding(p, n);
	errno = saved;
	return ok;
}

/* As its neighbours are, before the first marker: or it is never again one mapping with them. mlockall has locked it, too, perhaps, and then
 * there are no markers. Runs on: any. Holds: the caller's own lock. Never parks. */
void os_unfolding(void *p, size_t n)
{
	int saved = errno;
	munlock(p, n);
	madvise(p, n, MADV_NOHUGEPAGE);
	errno = saved;
}

static bool mark1(void *p, size_t n)
{
	munlock(p, n); /* locked just now */
	return madvise(p, n, GUARD_INSTALL) == 0;
}

/* Runs on: any. Holds: the caller's own lock. Never parks. */
bool os_mark(void *p, size_t n)
{
	int saved = errno;
	bool ok = madvise(p, n, GUARD_INSTALL) == 0 || insist(mark1, p, n);
	errno = saved;
	return ok;
}

/* Runs on: any. Holds: the caller's own lock. Never parks. */
bool os_unfold(void *p, size_t n)
{
	int saved = errno;
	bool ok = open_stacks(p, n);
	errno = saved;
	return ok;
}

/* Runs on: any. Holds: anything. Never parks. */
bool os_mayfold(void)
{
	static uint32_t strict; /* A: 0 until known, 1 no, 2 yes */
	struct rlimit data;
	char text[8];
	int saved = errno;
	if (load_rlx(&strict) == 0)
		store_rlx(&strict, readfile("/proc/sys/vm/overcommit_memory", text, sizeof text) > 0 && *text == '2' ? 2 : 1);
	bool may = load_rlx(&strict) == 1 && getrlimit(RLIMIT_DATA, &data) == 0 && data.rlim_cur == RLIM_INFINITY;
	errno = saved;
	return may;
}

static const char text[] = "there and back";

static bool keeptext(void *copy)
{
	memcpy(copy, aside - PAGE, sizeof text);
	return true;
}

static void filltext(char *to, void *copy)
{
	memcpy(to, copy, sizeof text);
}

/* Runs on: any, before the first of the others. Never parks. */
bool os_awayinit(void)
{
	char copy[sizeof text] = "";
	int saved = errno;
	char *p = os_reserve(PAGE + AWAY_MOST);
	bool ok = p != NULL;
	if (ok) {
		aside = p + PAGE;
		memcpy(p, text, sizeof text);
		ok = os_takeaway(p, PAGE, keeptext, copy) == AWAY_GONE && os_putback(p, PAGE, filltext, copy) == BACK_WHOLE && memcmp(p, text, sizeof text) == 0;
	}
	errno = saved;
	return ok;
}
