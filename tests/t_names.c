// A program's own schedule(), lock() and the like are its own: the library neither takes them for its
// functions nor lends it its own.
// EMBED
// LIB: a so
#include "test.h"

#include <garn.h>

static int called;

#define OURS(name)      \
	int name(void); \
	int name(void) { return ++called; }

OURS(schedule) OURS(lock) OURS(unlock) OURS(ready) OURS(newproc) OURS(newproc1) OURS(gogo) OURS(mcall) OURS(gopark)
OURS(goready) OURS(execute) OURS(findrunnable) OURS(sysmon) OURS(retake) OURS(handoffp) OURS(mstart) OURS(goexit)
OURS(runqput) OURS(runqget) OURS(schedinit) OURS(osinit) OURS(procresize) OURS(checkdead) OURS(throw) OURS(panic)
OURS(entersyscall) OURS(exitsyscall) OURS(stackalloc) OURS(stackfree) OURS(wakep) OURS(startm) OURS(stopm)
OURS(futexsleep) OURS(futexwakeup) OURS(notesleep) OURS(notewakeup) OURS(traceback) OURS(netpoll) OURS(nanotime)
OURS(chansend) OURS(chanrecv) OURS(selectgo) OURS(semacquire) OURS(semrelease) OURS(morestack) OURS(newstack)
OURS(backtrace_create_state) OURS(backtrace_full) OURS(backtrace_pcinfo) OURS(backtrace_alloc)

int sched = 1, allgs = 2, allp = 3, allm = 4;

static void worker(chan(int) in, chan(int) out)
{
	int v;

	while (chan_recv_ok(in, &v))
		chan_send(out, v + 1);
	chan_close(out);
}

static int start(int argc, char **argv)
{
	chan(int) in = chan_make(int, 0), out = chan_make(int, 4);

	(void)argv;
	go(worker, in, out);
	for (int i = 0; i < 100; i++) {
		chan_send(in, i);
		CHECK_EQ(chan_recv(out), i + 1);
		garn_sleep(GARN_US(1));
	}
	chan_close(in);
	CHECK_EQ(chan_recv(out), 0);
	return argc + 40;
}

int main(int argc, char **argv)
{
	CHECK_EQ(garn_run(start, argc, argv), 41);
	CHECK_EQ(called, 0);
	CHECK_EQ(schedule() + lock(), 3);
	CHECK_EQ(sched + allgs + allp + allm, 10);
	return 0;
}
