/* Pages that go away and come back, while other threads may reach for them at any moment; and whole blocks of such.
 *
 *   1. Gone means a guard marker: an access faults, and costs no memory and no mapping.
 *   2. Nothing written there before it went is lost: it is read-only first, then copied, then goes; who writes meanwhile faults. And it goes when it
 *      cannot be read any more: the kernel takes the page first and puts the marker there after that, and who read in between would find zeros.
 *   3. It comes back as a whole, in one step: nobody finds it there and not yet filled. It is moved to a place of our own (what stays behind
 *      cannot be read), filled there, and moved back. Moved, not mapped: so it is one mapping with its neighbours again.
 *   4. Coming back hardly fails. Where the kernel refuses a step (vm.max_map_count, RLIMIT_DATA) it is filled where it is: then others that
 *      touch it at that very moment may find zeros.
 *   5. A marker holds on to its page table. So a block in which all has gone is mapped anew, without access: what touches it faults as before, and the
 *      table goes. Before it is opened again it gets its markers.
 *
 * Tried and rejected: /proc/self/mem, which can write to what cannot be read: 39 us against 22, a descriptor each time, and there is
 * not always a /proc; userfaultfd, which would see every page a stack grows by. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "os/internal.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif
enum { PAGE = 4096, GUARD_INSTALL = 102, GUARD_REMOVE = 103, PATIENCE_MS = 10000 };

static char *aside; /* the place of our own */

static int openprot(void)
{
	return PROT_READ | PROT_WRITE | (startstate.execstack ? PROT_EXEC : 0);
}

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
	return mprotect(p, n, openprot()) == 0;
}

static bool moveto(void *from, void *to, size_t n)
{
	return mremap(from, n, n, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) == to;
}

/* Runs on: any. Holds: the caller's own lock. Never parks. */
bool os_takeaway(void *p, size_t n, bool (*keep)(void *arg), void *arg)
{
	int saved = errno;
	bool ok = mprotect(p, n, PROT_READ | (openprot() & PROT_EXEC)) == 0;
	if (ok) {
		ok = keep(arg) && mprotect(p, n, PROT_NONE) == 0 && !os_failing(FAIL_GUARD) && madvise(p, n, GUARD_INSTALL) == 0;
		insist(open1, p, n); /* a refusal while it is away is mended when it comes back */
	}
	errno = saved;
	return ok;
}

static bool inonestep(char *p, size_t n, void (*fill)(char *to, void *arg), void *arg)
{
	if (mprotect(p, n, PROT_NONE) != 0 || !moveto(p, aside, n))
		return false;
	if (mprotect(aside, n, openprot()) != 0 || madvise(aside, n, GUARD_REMOVE) != 0)
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
	if (ok) /* before any marker, or it is never again one mapping with its neighbours */
		madvise(p, n, MADV_NOHUGEPAGE);
	errno = saved;
	return ok;
}

static bool mark1(void *p, size_t n)
{
	munlock(p, n); /* mlockall locks this, too, and markers are refused then */
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
	bool ok = insist(open_stacks, p, n);
	errno = saved;
	return ok;
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
		ok = os_takeaway(p, PAGE, keeptext, copy) && os_putback(p, PAGE, filltext, copy) == BACK_WHOLE && memcmp(p, text, sizeof text) == 0;
	}
	errno = saved;
	return ok;
}
