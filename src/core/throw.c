/* Dying by name.
 *
 *   1. One thread prints the last words. Others that die meanwhile wait until the end takes them along.
 *   2. The process ends by os_exit: no atexit handler runs and no buffer of stdio is flushed, as other threads may hold
 *      any lock.
 *   3. Dying while dying (a broken stack breaks its own trace) says so in one line, with status 4.
 *
 * Which traces are printed is up to debug/ (GARN_TRACEBACK), through hooks; before they are set there is just the line. */
#define _GNU_SOURCE 1
#include "core/throw.h"
#include "base/print.h"
#include "os/os.h"
#include <string.h>
#include <unistd.h>

static int32_t dyingtid; /* A: who is dying, 0 for nobody; set once */

/* Runs on: any. Holds: anything. Returns on the first thread that dies only. */
void startdying(void)
{
	int32_t me = os_gettid();
	if (cas_rlx(&dyingtid, 0, me)) {
		store_rlx(&sched.dying, 1);
		return;
	}
	if (load_rlx(&dyingtid) == me) {
		static const char msg[] = "\nfatal error: garn: died again while dying\n";
		os_write(2, msg, sizeof msg - 1);
		os_exit(4);
	}
	for (;;)
		pause();
}

/* Runs on: any. Blocks the thread, for ever, or does nothing. */
void letdie(void)
{
	while (load_rlx(&dyingtid) != 0)
		pause();
}

/* Whom the trace of the others leaves out: at, or the goroutine that called. Null would mean: all of them, so a thread
 * that runs none names g0 of the first. */
static struct g *atfault(struct g *at)
{
	if (at != NULL)
		return at;
	struct g *gp = getg();
	if (gp != NULL && gp->m != NULL && gp == gp->m->g0 && gp->m->curg != NULL)
		gp = gp->m->curg;
	return gp != NULL ? gp : &m0.g0s;
}

/* Runs on: any. Holds: anything. May follow startdying by the same thread. */
void die(struct g *at)
{
	if (load_rlx(&dyingtid) != os_gettid())
		startdying();
	if (hooks.traceback != NULL)
		hooks.traceback(at);
	if (hooks.tracebackothers != NULL)
		hooks.tracebackothers(atfault(at));
	os_exit(2);
}

/* The line, an empty one, the traces, the end. */
__attribute__((noreturn)) static void diesaying(const char *before, const char *msg, const char *after)
{
	struct printer pr;
	startdying();
	print_init(&pr, os_write, 2);
	print_fmt(&pr, "%s%s%s\n\n", before, msg, after);
	print_flush(&pr);
	die(NULL);
}

/* Runs on: any. Holds: anything. */
void throw(const char *msg)
{
	diesaying("fatal error: garn: ", msg, " (a bug in garn)");
}

/* Runs on: any. Holds: anything. */
void fatal(const char *msg)
{
	diesaying("fatal error: ", msg, "");
}

/* Runs on: any. Holds: anything. */
void panic(const char *msg)
{
	diesaying("panic: ", msg, "");
}

/* What errno value err means, in words that need no locale and no malloc; null when unknown. */
static const char *reason(int err)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
	return strerrordesc_np(err);
#else
	(void)err;
	return NULL;
#endif
}

/* Nobody's code is at fault, so there is no trace. Runs on: any. Holds: anything. */
void fatal_env(const char *name, const char *value, const char *want)
{
	struct printer pr;
	startdying();
	print_init(&pr, os_write, 2);
	print_fmt(&pr, "fatal error: %s: want %s, not \"%s\"\n", name, want, value);
	print_flush(&pr);
	os_exit(2);
}

static void sayos(const char *what, int err, const char *advice)
{
	struct printer pr;
	const char *why = reason(err);
	startdying();
	print_init(&pr, os_write, 2);
	print_fmt(&pr, "fatal error: %s: ", what);
	if (why != NULL)
		print_str(&pr, why);
	else
		print_fmt(&pr, "error %d", err);
	print_char(&pr, '\n');
	if (advice != NULL)
		print_fmt(&pr, "%s\n", advice);
	print_flush(&pr);
}

/* advice may be null. Runs on: any. Holds: anything. */
void fatal_os(const char *what, int err, const char *advice)
{
	sayos(what, err, advice);
	os_write(2, "\n", 1);
	die(NULL);
}

/* Runs on: any. Holds: anything. */
void fatal_os_bare(const char *what, int err, const char *advice)
{
	sayos(what, err, advice);
	os_exit(2);
}
