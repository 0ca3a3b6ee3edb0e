/* Injected failures: GARN_FAIL=mmap:3,thread:1,futex:5 makes the third mapping, the first thread and the fifth futex
 * sleep fail, once each; mmap:3+ every mapping from the third on. Others: epoll (epoll_create), epollctl, eventfd, accept, uring (io_uring_setup), guard
 * (a guard marker), protect (a guard by mprotect). Set in
 * osinit, before any thread exists. */
#include "os/os.h"
#include "base/atomic.h"
#include "os/internal.h"

static struct failpoint {
	uint64_t first; /* I: which call fails; 0 for none */
	bool on;        /* I: and all that come after */
	uint64_t calls; /* A */
} points[NFAIL];
static bool armed; /* I: does any of them? */

static noinline bool failing_slow(enum osfail what)
{
	struct failpoint *f = &points[what];
	if (f->first == 0)
		return false;
	uint64_t n = add_rlx(&f->calls, 1);
	return n == f->first || (f->on && n > f->first);
}

/* Is this call the one that is to fail? Runs on: any. Holds: anything. Never parks. */
bool os_failing(enum osfail what)
{
	return unlikely(armed) && failing_slow(what);
}

/* The failure point whose name, with a colon, s begins with; *end is what follows. */
static struct failpoint *named(const char *s, const char **end)
{
	static const char *const names[NFAIL] = {
		[FAIL_MMAP] = "mmap:", [FAIL_THREAD] = "thread:", [FAIL_FUTEX] = "futex:", [FAIL_EPOLL] = "epoll:",
		[FAIL_EPOLLCTL] = "epollctl:", [FAIL_EVENTFD] = "eventfd:", [FAIL_ACCEPT] = "accept:", [FAIL_URING] = "uring:",
		[FAIL_GUARD] = "guard:", [FAIL_PROTECT] = "protect:",
	};
	for (int i = 0; i < NFAIL; i++) {
		const char *a = s, *b = names[i];
		while (*b != '\0' && *a == *b)
			a++, b++;
		if (*b == '\0') {
			*end = a;
			return &points[i];
		}
	}
	return NULL;
}

bool failinit(const char *spec)
{
	armed = false;
	for (int i = 0; i < NFAIL; i++)
		points[i] = (struct failpoint){0};
	if (spec == NULL || *spec == '\0')
		return true;
	for (const char *s = spec;; s++) {
		struct failpoint *f = named(s, &s);
		if (f == NULL || *s < '1' || *s > '9')
			return false;
		uint64_t first = 0;
		for (; *s >= '0' && *s <= '9'; s++)
			first = first * 10 + (uint64_t)(*s - '0');
		*f = (struct failpoint){.first = first, .on = *s == '+'};
		s += f->on;
		armed = true;
		if (*s == '\0')
			return true;
		if (*s != ',')
			return false;
	}
}
