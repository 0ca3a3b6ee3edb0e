// -fsplit-stack: what compilers and linkers refuse along with it, and would say in many words or none.
//
// The flag is passed on like any other. At link time it adds --wrap=pthread_create, which the library is ready for; and gcc's
// link-time optimization wants it there, or forgets about it.
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

static bool has(const struct job *job, const char *a, const char *b)
{
	for (size_t i = 0; i < job->args.n; i++)
		if (strcmp(job->args.w[i], a) == 0 || (b != NULL && strcmp(job->args.w[i], b) == 0))
			return true;
	return false;
}

static const char *last_beginning(const struct job *job, const char *with)
{
	const char *found = NULL;

	for (size_t i = 0; i < job->args.n; i++)
		if (strncmp(job->args.w[i], with, strlen(with)) == 0)
			found = job->args.w[i] + strlen(with);
	return found;
}

static bool split(const struct job *job)
{
	bool on = false;

	for (size_t i = 0; i < job->args.n; i++) {
		if (strcmp(job->args.w[i], "-fsplit-stack") == 0)
			on = true;
		else if (strcmp(job->args.w[i], "-fno-split-stack") == 0)
			on = false;
	}
	return on;
}

// gold and lld look for a prologue that begins with the comparison; gcc, made so, begins with endbr64.
void split_check(struct job *job, const struct words *cc)
{
	const char *linker = last_beginning(job, "-fuse-ld="), *cet = last_beginning(job, "-fcf-protection");

	if (!split(job))
		return;
	if (job->shared)
		die("-fsplit-stack is for programs: compile a plug-in (-shared) without it");
	if (compiler_is_clang(cc))
		words_add(&job->args, "-fno-crash-diagnostics"); // files in /tmp, see split_run
	if (job->link && !compiler_is_clang(cc) && linker != NULL && (strcmp(linker, "gold") == 0 || strcmp(linker, "lld") == 0)) {
		if (cet != NULL && strcmp(cet, "=none") != 0)
			die("-fuse-ld=%s takes no gcc code made with both -fsplit-stack and -fcf-protection; leave out one of the three", linker);
		words_add(&job->args, "-fcf-protection=none"); // which some systems' gcc has by itself
	}
}

// clang breaks off in the middle, with a page of its own insides, at the first function with "..." in its parameters.
int split_run(const struct job *job, const struct words *cc, char **argv)
{
	static char said[1 << 20];
	int fd, status;
	size_t n = 0;
	ssize_t k;

	if (!split(job) || !compiler_is_clang(cc) || has(job, "-v", "-###") || (fd = memfd_create("garn", MFD_CLOEXEC)) < 0)
		return run_child(argv);
	status = run_child_noting(argv, fd);
	lseek(fd, 0, SEEK_SET);
	while (n < sizeof said - 1 && (k = read(fd, said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)k;
	close(fd);
	said[n] = '\0';
	if (status != 0 && strstr(said, "Segmented stacks do not support vararg functions") != NULL)
		die("clang compiles no variadic function with -fsplit-stack; mark those with __attribute__((no_split_stack)), or set CC=gcc");
	fputs(said, stderr);
	return status;
}
