/* Memory from the kernel, and guards below stacks.
 *
 *   1. The library's memory comes from here and nowhere else; what a test makes fail passes os_failing.
 *   2. errno is as it was after each.
 *
 * mlockall(MCL_FUTURE) would fill a reservation of gigabytes at once and refuse guard markers. So a reservation is
 * mapped without access (nothing to fill), unlocked, and only then opened. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "base/atomic.h"
#include "os/internal.h"
#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint32_t nprotected; /* A: guards wanted where there are no markers: protected pages, and those past the limit, which are none */

enum { DONTNEED_LOCKED = 24 }; /* madvise of Linux 5.18 */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

/* TSan would take libc's mmap for a write by the goroutine that happened to need a slab: it does not see this one. */
static void *map(void *at, size_t n, int prot, int flags)
{
#if SAN_THREAD
	return (void *)syscall(SYS_mmap, at, n, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, (off_t)0);
#else
	return mmap(at, n, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
#endif
}

/* Runs on: any. Holds: anything. Never parks. */
void *os_mmap(size_t n)
{
	if (os_failing(FAIL_MMAP))
		return NULL;
	int saved = errno;
	void *p = map(NULL, n, PROT_READ | PROT_WRITE, 0);
	errno = saved;
	return p != MAP_FAILED ? p : NULL;
}

/* Runs on: any. Holds: anything. Never parks. */
void *os_mmapaligned(size_t n, bool huge)
{
	if (os_failing(FAIL_MMAP))
		return NULL;
	int saved = errno;
	char *p = map(NULL, 2 * OS_HUGEPAGE, PROT_READ | PROT_WRITE, 0), *at = NULL;
	if (p != MAP_FAILED) {
		size_t before = -(uintptr_t)p % OS_HUGEPAGE;
		at = p + before;
		if (before)
			munmap(p, before);
		munmap(at + n, 2 * OS_HUGEPAGE - before - n);
		madvise(at, n, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	}
	errno = saved;
	return at;
}

/* gcc's nested functions put code on the stack; a program with such says so in its header. Runs on: any. */
bool os_execstack(void)
{
	return startstate.execstack;
}

int stackprot(void)
{
	return PROT_READ | PROT_WRITE | (os_execstack() ? PROT_EXEC : 0);
}

/* Runs on: any. Holds: anything. Never parks. */
bool open_stacks(void *p, size_t n)
{
	munlock(p, n);
	if (mprotect(p, n, stackprot()) != 0)
		return false;
	madvise(p, n, MADV_NOHUGEPAGE);
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, n, "garn stacks"); /* for /proc/self/maps; older kernels refuse */
	return true;
}

/* Runs on: any. Holds: anything. Never parks. */
void *os_reserve(size_t n)
{
	if (os_failing(FAIL_MMAP))
		return NULL;
	int saved = errno;
	void *p = map(NULL, n, PROT_NONE, MAP_NORESERVE);
	if (p != MAP_FAILED && !open_stacks(p, n)) {
		munmap(p, n);
		p = MAP_FAILED;
	}
	errno = saved;
	return p != MAP_FAILED ? p : NULL;
}

/* Runs on: any. Holds: anything. Never parks. */
void os_guardsgone(uint32_t n)
{
	uint32_t was = load_rlx(&nprotected);
	while (was > 0 && !cas_rlx(&nprotected, was, was > n ? was - n : 0))
		was = load_rlx(&nprotected);
}

/* Runs on: any. Holds: anything. Never parks. */
bool os_renew(void *p, size_t n)
{
	int saved = errno;
	bool ok = !os_failing(FAIL_MMAP) && map(p, n, PROT_NONE, MAP_NORESERVE | MAP_FIXED) == p && open_stacks(p, n);
	errno = saved;
	return ok;
}

/* Runs on: any. Holds: anything. Never parks. */
bool os_munmap(void *p, size_t n)
{
	int saved = errno;
	bool ok = munmap(p, n) == 0;
	if (!ok)
		os_unused(p, n);
	errno = saved;
	return ok;
}

/* Runs on: any. Holds: anything. Never parks. */
void os_unused(void *p, size_t n)
{
	int saved = errno;
	if (madvise(p, n, MADV_DONTNEED) != 0 && madvise(p, n, DONTNEED_LOCKED) != 0) {
		munlock(p, n); /* locked pages, and a kernel older than 5.18 */
		madvise(p, n, MADV_DONTNEED);
	}
	errno = saved;
}

/* From the top down; below 2 MB without any there is none. Runs on: any. Holds: anything. Never parks. */
size_t os_depth(uintptr_t lo, uintptr_t hi)
{
	enum { PAGE = 4096, PAGES = 512 };
	unsigned char there[PAGES];
	uintptr_t deepest = hi, at = hi;
	int saved = errno;
	for (size_t n, i = 0; at > lo; at -= n, i = 0) {
		n = at - lo < PAGES * PAGE ? at - lo : PAGES * PAGE;
		if (mincore((void *)(at - n), n, there) != 0)
			break;
		while (i < n / PAGE && !(there[i] & 1))
			i++;
		if (i == n / PAGE)
			break;
		deepest = at - n + i * PAGE;
	}
	errno = saved;
	return hi - deepest;
}

/* Does this kernel have guard markers? EINVAL for one range may only mean that the range is locked: ask for a page of
 * our own that is not. */
static bool probe_markers(void)
{
	enum { PAGE = 4096 };
	void *p = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return false;
	munlock(p, PAGE);
	bool can = madvise(p, PAGE, GUARD_INSTALL) == 0;
	munmap(p, PAGE);
	return can;
}

static void say_unguarded(void)
{
	static uint32_t said;
	static const char msg[] = "garn: stacks are no longer guarded: the kernel has no guard markers (Linux 6.13), and "
				  "the mappings that vm.max_map_count allows are used up\n";
	if (load_rlx(&said) == 0 && cas_rlx(&said, 0, 1))
		os_write(2, msg, sizeof msg - 1);
}

/* Three quarters of the mappings: the program's own memory, and stacks without a guard, need some too, and a process that has none left
 * dies of the next thing it wants. Runs on: any. Holds: anything. Never parks. */
uint32_t os_mostholes(void)
{
	static uint32_t most; /* A: 0 until known */
	char text[32];
	if (load_rlx(&most) == 0) {
		uint64_t n = 0;
		if (readfile("/proc/sys/vm/max_map_count", text, sizeof text) > 0)
			for (const char *s = text; *s >= '0' && *s <= '9' && n < 1u << 31; s++)
				n = n * 10 + (uint64_t)(*s - '0');
		store_rlx(&most, (uint32_t)(n > 0 ? n * 3 / 8 + 1 : 65530 * 3 / 8)); /* two mappings each */
	}
	return load_rlx(&most);
}

static enum guardkind protect(void *p, size_t n)
{
	uint32_t i = add_rlx(&nprotected, 1); /* those that came to nothing, too: os_guardsgone cannot tell them apart */
	if (!os_failing(FAIL_PROTECT) && i <= os_mostholes() && mprotect(p, n, PROT_NONE) == 0)
		return GUARD_PROTECT;
	say_unguarded();
	return GUARD_NONE;
}

/* p and n are whole pages. Runs on: any. Holds: anything. Never parks. */
enum guardkind os_guard(void *p, size_t n)
{
	static uint32_t nomarkers; /* A: 1 once the kernel is known to have none */
	int saved = errno;
	enum guardkind kind = GUARD_MARKER;
	if (os_failing(FAIL_GUARD)) {
		kind = protect(p, n);
	} else if (load_rlx(&nomarkers) != 0 || madvise(p, n, GUARD_INSTALL) != 0) {
		if (load_rlx(&nomarkers) == 0 && !probe_markers())
			store_rlx(&nomarkers, 1);
		kind = protect(p, n);
	}
	errno = saved;
	return kind;
}
