// Where the header and the library are. Nothing is configured: an installed tool looks beside itself
// (bin/garn, lib/libgarn.a, include/garn.h), so that an installation may be moved or staged; one that
// stands in a build folder uses that, and there it can also build the sanitizers' flavours.
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef GARN_SOURCE
#define GARN_SOURCE "."
#endif

static bool exists(const char *path)
{
	return access(path, R_OK) == 0;
}

static char *own_folder(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	char *slash;

	if (n <= 0)
		die("cannot read /proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	slash = strrchr(path, '/');
	*slash = '\0';
	return path;
}

// make, in the checkout, for another flavour; a lock because two tools may want it at the same time.
static void build_flavour(struct place *at, const char *sanitizer, const char *dir, const char *cc)
{
	// As make names it: inside the checkout the path is relative, for make cannot bear a blank in it.
	bool inside = strncmp(at->checkout, dir, strlen(at->build)) == 0;
	const char *o = inside ? strrchr(dir, '/') + 1 : dir;
	struct words cmd = { 0 };
	char *lock = format("%s/.lock", dir);
	int fd, status;

	mkdir(dir, 0777);
	fd = open(lock, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
	if (fd >= 0)
		flock(fd, LOCK_EX);
	if (!exists(at->library))
		fprintf(stderr, "garn: building the library for -fsanitize=%s in %s\n", sanitizer, dir);
	words_add(&cmd, "make");
	words_add(&cmd, "-s");
	words_add(&cmd, format("-j%ld", sysconf(_SC_NPROCESSORS_ONLN)));
	words_add(&cmd, "-C");
	words_add(&cmd, at->checkout);
	words_add(&cmd, "lib");
	words_add(&cmd, format("SAN=%s", sanitizer));
	words_add(&cmd, format("CC=%s", cc));
	words_add(&cmd, format("O=%s", o));
	if (!program_exists("make"))
		die("make is needed to build the library for -fsanitize=%s", sanitizer);
	// A make that called the tool has nothing to say to this one, nor have the user's own flags.
	unsetenv("MAKEFLAGS");
	unsetenv("MAKELEVEL");
	status = run_child_to_stderr(cmd.w);
	if (status != 0) {
		fprintf(stderr, "garn: the library for -fsanitize=%s could not be built\n", sanitizer);
		end_like(status);
	}
	if (fd >= 0)
		close(fd);
}

void place_find(struct place *at, const char *sanitizer, bool clang, const char *cc)
{
	const char *dir = own_folder();
	char *lib = format("%s/libgarn.a", dir);

	memset(at, 0, sizeof *at);
	if (exists(lib)) {
		at->build = format("%s", dir);
		at->checkout = format("%s/..", dir);
		if (!exists(format("%s/include/garn.h", at->checkout)))
			at->checkout = format("%s", GARN_SOURCE); // built out of tree
		at->include = format("%s/include", at->checkout);
		at->library = lib;
		if (sanitizer != NULL) {
			// gcc's and clang's sanitizers are different libraries behind the same names.
			char *flavour = format("%s-%s%s", dir, sanitizer, clang ? "-clang" : "");
			at->library = format("%s/libgarn.a", flavour);
			build_flavour(at, sanitizer, flavour, cc);
		}
		return;
	}

	at->include = format("%s/../include", dir);
	at->library = format("%s/../lib/libgarn.a", dir);
	if (!exists(at->library)) {
		// lib64, lib/x86_64-linux-gnu
		glob_t g;
		char *deep = format("%s/../lib/*/libgarn.a", dir), *wide = format("%s/../lib*/libgarn.a", dir);
		if (glob(wide, 0, NULL, &g) != 0 && glob(deep, 0, NULL, &g) != 0)
			die("no libgarn.a beside this tool: neither %s nor %s", lib, at->library);
		at->library = g.gl_pathv[0];
	}
	if (!exists(format("%s/garn.h", at->include)))
		die("no garn.h in %s", at->include);
	if (sanitizer != NULL)
		die("an installed garn has no library for -fsanitize=%s; use ./garn in a checkout", sanitizer);
}
