/* main as goroutine 1: what wrap_main.c hands the program's own main to. */

#include "rt0/rt0.h"
#include "core/throw.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static struct {
	int (*fn)(int, char **, char **);
	int argc;
	char **argv;
} prog;

/* The result goes to exit on main's own stack, with the runtime still up: what atexit registered may use it. */
static void mainmain(void *arg)
{
	(void)arg;
	int status = prog.fn(prog.argc, prog.argv, environ);
	letdie();
	if (hooks.ending)
		hooks.ending();
	exit(status);
}

/* As much as the process's own stack had, and 8 MB at least. */
static size_t mainstack(void)
{
	struct rlimit rl;
	size_t n = 8 << 20;
	if (getrlimit(RLIMIT_STACK, &rl) == 0 && rl.rlim_cur != RLIM_INFINITY && rl.rlim_cur > n)
		n = rl.rlim_cur < ((size_t)512 << 20) ? rl.rlim_cur : (size_t)512 << 20;
	return n;
}

int garn_main(int (*fn)(int, char **, char **), int argc, char **argv)
{
	prog.fn = fn;
	prog.argc = argc;
	prog.argv = argv;
	schedinit("main", false);
	newmain(mainmain, NULL, mainstack());
	mstart0();
	return 0;
}
