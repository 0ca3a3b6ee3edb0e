// How is the page below a goroutine's stack guarded? Markers do not show in /proc/self/maps, protected pages do.
#ifndef T_GUARD_H
#define T_GUARD_H

#include "test.h"

#include <errno.h>
#include <garn.h>
#include <sys/syscall.h>

// What /proc/self/maps says of the mapping that p is in: "rw-p", "---p"; "" for none.
__attribute__((unused)) static void t_perms(const void *p, char perms[5])
{
	char line[4096];
	uintptr_t lo, hi, at = (uintptr_t)p;
	FILE *f = fopen("/proc/self/maps", "r");
	CHECK(f);
	*perms = '\0';
	while (*perms == '\0' && fgets(line, sizeof line, f))
		if (sscanf(line, "%lx-%lx", &lo, &hi) == 2 && lo <= at && at < hi)
			sscanf(line, "%*x-%*x %4s", perms);
	fclose(f);
}

// Can the kernel read this byte?
__attribute__((unused)) static bool t_readable(const char *p)
{
	char c[8];
	int fds[2];
	CHECK_EQ(pipe(fds), 0);
	ssize_t n = write(fds[1], p, 1);
	CHECK(n == 1 || errno == EFAULT);
	CHECK(n != 1 || read(fds[0], c, 1) == 1);
	close(fds[0]);
	close(fds[1]);
	return n == 1;
}

// Of the caller's own stack: 'm' for markers, 'p' for protected pages, 'n' for none.
__attribute__((unused)) static char t_guardkind(void)
{
	void *lo, *hi;
	char perms[5];
	garn_stack_bounds(&lo, &hi);
	if (t_readable((char *)lo - 1))
		return 'n';
	t_perms((char *)lo - 1, perms);
	CHECK(strcmp(perms, "rw-p") == 0 || strcmp(perms, "---p") == 0);
	return *perms == 'r' ? 'm' : 'p';
}

#endif
