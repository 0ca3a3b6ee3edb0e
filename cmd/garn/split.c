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

static bool has(const struct words *ws, const char *a, const char *b)
{
	for (size_t i = 0; i < ws->n; i++)
		if (strcmp(ws->w[i], a) == 0 || (b != NULL && strcmp(ws->w[i], b) == 0))
			return true;
	return false;
}

static const char *last_beginning(const struct words *ws, const char *with)
{
	const char *found = NULL;

	for (size_t i = 0; i < ws->n; i++)
		if (strncmp(ws->w[i], with, strlen(with)) == 0)
			found = ws->w[i] + strlen(with);
	return found;
}

// The compiler's name may come with flags.
static struct words all_words(const struct job *job, const struct words *cc)
{
	struct words all = { 0 };

	for (size_t i = 0; i < cc->n; i++)
		words_add(&all, cc->w[i]);
	for (size_t i = 0; i < job->args.n; i++)
		words_add(&all, job->args.w[i]);
	return all;
}

static bool split(const struct words *ws)
{
	bool on = false;

	for (size_t i = 0; i < ws->n; i++) {
		if (strcmp(ws->w[i], "-fsplit-stack") == 0)
			on = true;
		else if (strcmp(ws->w[i], "-fno-split-stack") == 0)
			on = false;
	}
	return on;
}

// gold and lld look for a prologue that begins with the comparison; under -fcf-protection it begins with endbr64.
static void check_linker(struct job *job, const struct words *all, const char *linker)
{
	const char *cet = last_beginning(all, "-fcf-protection");

	if (cet == NULL)
		words_add(&job->args, "-fcf-protection=none"); // some systems' gcc has it by itself
	else if (strcmp(cet, "=none") != 0 && strcmp(cet, "=return") != 0)
		die("-fuse-ld=%s takes no code made with both -fsplit-stack and -fcf-protection; leave out one of the three", linker);
}

void split_check(struct job *job, const struct words *cc)
{
	struct words all = all_words(job, cc);
	const char *linker = last_beginning(&all, "-fuse-ld=");

	if (!split(&all))
		return;
	if (job->shared)
		die("-fsplit-stack is for programs: compile a plug-in (-shared) without it");
	if (compiler_is_clang(cc))
		words_add(&job->args, "-fno-crash-diagnostics"); // files in /tmp, see split_run
	else if (has(&all, "-pg", NULL))
		die("gcc's -pg does not go with -fsplit-stack: it counts only calls that find the stack full; leave out one of the two");
	if (job->link && linker != NULL && (strcmp(linker, "gold") == 0 || strcmp(linker, "lld") == 0))
		check_linker(job, &all, linker);
	if (job->link)
		words_add(&job->args, "-Wl,-u,__wrap_pthread_create"); // lld forgets it in static programs
}

// What a compiler or a linker has to say about the flag, in a line; null: nothing.
static const char *in_short(const char *said)
{
	// clang breaks off in the middle, with a page of its own insides, at the first function with "..." in its parameters.
	if (strstr(said, "Segmented stacks do not support vararg functions") != NULL)
		return "clang compiles no variadic function with -fsplit-stack; mark those with __attribute__((no_split_stack)), or set CC=gcc";
	if (strstr(said, "failed to match split-stack sequence") != NULL || strstr(said, "couldn't adjust its prologue") != NULL)
		return "gold and lld take no code made with -fsplit-stack and a flag that puts something in front of each function "
		       "(-fcf-protection, -fpatchable-function-entry); leave that out, or -fuse-ld";
	return NULL;
}

int split_run(const struct job *job, const struct words *cc, char **argv)
{
	static char said[1 << 20];
	struct words all = all_words(job, cc);
	int fd, status;
	size_t n = 0;
	ssize_t k;

	if (!split(&all) || (!compiler_is_clang(cc) && last_beginning(&all, "-fuse-ld=") == NULL) || has(&all, "-v", "-###") ||
	    (fd = memfd_create("garn", MFD_CLOEXEC)) < 0)
		return run_child(argv);
	status = run_child_noting(argv, fd);
	lseek(fd, 0, SEEK_SET);
	while (n < sizeof said - 1 && (k = read(fd, said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)k;
	close(fd);
	said[n] = '\0';
	if (status != 0 && in_short(said) != NULL)
		die("%s", in_short(said));
	fputs(said, stderr);
	return status;
}
