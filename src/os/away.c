/* A page that goes away and comes back, while other threads may reach for it at any moment.
 *
 *   1. Gone means a guard marker: an access faults, and costs no memory and no mapping.
 *   2. Nothing written there before it went is lost: it is read-only first, then copied, then goes; who writes meanwhile faults. And it goes when it
 *      cannot be read any more: the kernel takes the page first and puts the marker there after that, and who read in between would find zeros.
 *   3. It comes back as a whole, in one step: nobody finds it there and not yet filled. It is moved to a place of our own (what stays behind
 *      cannot be read), filled there, and moved back. Moved, not mapped: so it is one mapping with its neighbours again.
 *   4. Coming back does not fail. Where the kernel refuses a step (vm.max_map_count, RLIMIT_DATA) it is filled where it is: then others that
 *      touch it at that very moment may find zeros.
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
enum { PAGE = 4096, GUARD_INSTALL = 102, GUARD_REMOVE = 103 };

static char *aside; /* the place of our own */

static int openprot(void)
{
	return PROT_READ | PROT_WRITE | (startstate.execstack ? PROT_EXEC : 0);
}

static bool moveto(void *from, void *to)
{
	return mremap(from, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) == to;
}

/* Runs on: any. Holds: the caller's own lock. Never parks. */
bool os_takeaway(void *page, size_t off, void *copy, size_t n)
{
	int saved = errno;
	bool ok = mprotect(page, PAGE, PROT_READ | (openprot() & PROT_EXEC)) == 0;
	if (ok) {
		memcpy(copy, (char *)page + off, n);
		ok = mprotect(page, PAGE, PROT_NONE) == 0 && !os_failing(FAIL_GUARD) && madvise(page, PAGE, GUARD_INSTALL) == 0;
		while (mprotect(page, PAGE, openprot()) != 0) /* RLIMIT_DATA, reached by somebody else meanwhile */
			os_usleep(1000);
	}
	errno = saved;
	return ok;
}

static bool inonestep(char *page, size_t off, const void *copy, size_t n)
{
	if (mprotect(page, PAGE, PROT_NONE) != 0 || !moveto(page, aside))
		return false;
	if (mprotect(aside, PAGE, openprot()) != 0 || madvise(aside, PAGE, GUARD_REMOVE) != 0)
		return false;
	memcpy(aside + off, copy, n);
	return moveto(aside, page);
}

/* Runs on: any. Holds: the caller's own lock. Never parks. */
bool os_putback(void *page, size_t off, const void *copy, size_t n)
{
	int saved = errno;
	bool whole = inonestep(page, off, copy, n);
	if (!whole) {
		while (mprotect(page, PAGE, openprot()) != 0)
			os_usleep(1000);
		madvise(page, PAGE, GUARD_REMOVE);
		memcpy((char *)page + off, copy, n);
	}
	errno = saved;
	return whole;
}

/* Runs on: any, before the first of the others. Never parks. */
bool os_awayinit(void)
{
	static const char text[] = "there and back";
	char copy[sizeof text] = "";
	int saved = errno;
	char *p = os_reserve(2 * PAGE);
	bool ok = p != NULL;
	if (ok) {
		aside = p + PAGE;
		memcpy(p, text, sizeof text);
		ok = os_takeaway(p, 0, copy, sizeof copy) && os_putback(p, 0, copy, sizeof copy) && memcmp(p, text, sizeof text) == 0;
	}
	errno = saved;
	return ok;
}
