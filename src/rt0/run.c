/* garn_run: the runtime inside a program that keeps its own main. The caller's thread is no M: it waits on a note. */

#include "rt0/rt0.h"
#include "core/note.h"
#include "os/os.h"
#include "core/throw.h"
#include "sched/proc.h"
#include "sched/san.h"
#include "garn.h"
#undef errno

struct run {
	int (*fn)(int, char **);
	int argc;
	char **argv;
	int status;
	struct note done;
};

static void runmain(void *arg)
{
	struct run *r = arg;
	r->status = r->fn(r->argc, r->argv);
	letdie();
	if (hooks.ending)
		hooks.ending();
	store_rel(&sched.started, 2); // rel[ST]: nobody starts or waits from here
	lock(&sched.lock);
	procresize(0); /* every P is retired at its M's next schedule */
	unlock(&sched.lock);
	san_release(r);
	notewakeup(&r->done);
	stopforever(); /* the others never run again; nor does this one */
}

int garn_run(int (*fn)(int, char **), int argc, char **argv)
{
	static struct run r; /* Ms may still look at it when we have returned */
	if (getg() && !getg()->foreign)
		fatal("garn_run: called in a goroutine: the runtime is up already");
	schedinit("garn_run", true);
	r.fn = fn;
	r.argc = argc;
	r.argv = argv;
	newmain(runmain, &r, 8 << 20);
	mstart_thread();
	notesleep(&r.done);
	san_acquire(&r);
	return r.status;
}
