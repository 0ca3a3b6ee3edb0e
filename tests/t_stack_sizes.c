// Every size from 16 KB to 1 GB: as an attribute, and as garn_set_max_stack's. All that was asked for can be used, to the
// last byte, the byte below cannot be touched, and what garn_set_max_stack returns is what there is.
// TIMEOUT: 120
#include "test.h"

#include <errno.h>
#include <garn.h>

static garn_waitgroup wg;
static int full[2];

// Can the kernel read this byte? (write(2) of it says EFAULT if not.)
static int readable(const char *p)
{
	ssize_t n = write(full[1], p, 1);
	char c;
	CHECK(n == 1 || errno == EFAULT);
	return n == 1 && read(full[0], &c, 1) == 1;
}

// All from lo up to this function's own frame; it calls nothing, which would be written over.
__attribute__((noinline, no_sanitize("address", "thread"))) static void touch(char *lo, size_t step)
{
	volatile char *end = (char *)__builtin_frame_address(0) - 1024;
	for (volatile char *p = lo; p < end; p += step)
		*p = (char)(uintptr_t)p;
	for (volatile char *p = lo; p < end; p += step)
		if (*p != (char)(uintptr_t)p)
			__builtin_trap();
}

static void uses(size_t n, size_t *usable)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	*usable = (size_t)((char *)hi - (char *)lo);
	CHECK(*usable >= n);
	CHECK((char *)&lo > (char *)hi - 4096); // nobody has used it before
	CHECK(readable((char *)lo));
	CHECK(!readable((char *)lo - 1));
	CHECK(!readable((char *)lo - (60 << 10)));
	touch(lo, *usable > 4 << 20 ? *usable / 256 : *usable > 256 << 10 ? 4096 : 1);
	garn_waitgroup_done(&wg);
}

static size_t spawned(size_t attr, size_t n)
{
	size_t usable = 0;
	garn_waitgroup_add(&wg, 1);
	if (attr)
		go_with(garn_attr(.stack = attr), uses, n, &usable);
	else
		go(uses, n, &usable);
	garn_waitgroup_wait(&wg);
	return usable;
}

static void one(size_t n)
{
	size_t usable = spawned(n, n);
	CHECK(usable < 2 * n + (64 << 10)); // rounded up to the next size, no further
	size_t was = garn_set_max_stack(n);
	CHECK_EQ(garn_set_max_stack(0), usable);
	CHECK_EQ(spawned(0, n), usable);
	CHECK_EQ(spawned(GARN_KB(300), GARN_KB(300)), GARN_KB(448)); // who asks for something gets that
	CHECK_EQ(garn_set_max_stack(was), usable);
	CHECK_EQ(garn_set_max_stack(0), was);
}

// A goroutine has the size that was set when it was started, not when it runs.
static void when(void)
{
	size_t usable = 0, was = garn_set_max_stack(GARN_KB(500));
	garn_waitgroup_add(&wg, 1);
	go(uses, GARN_KB(500), &usable);
	garn_set_max_stack(was);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(usable, GARN_KB(960));
}

int main(void)
{
	CHECK_EQ(pipe(full), 0);
	CHECK_EQ(garn_set_max_stack(0), GARN_KB(192));
	CHECK_EQ(spawned(0, 0), GARN_KB(192));
	CHECK_EQ(spawned(1, 1), GARN_KB(64));
	for (size_t n = GARN_KB(16); n <= GARN_MB(1024); n *= 2) {
		one(n);
		if (n < GARN_MB(1024)) {
			one(n + 1);
			one(n + n / 2);
			one(n >= GARN_KB(128) ? 2 * n - GARN_KB(64) : n); // a class to the byte
		}
	}
	when();
	return 0;
}
