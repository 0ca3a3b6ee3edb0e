/* GARN_DEBUG, and the lines it has sysmon print: Go's GODEBUG=schedtrace and scheddetail, with Go's words where there are some.
 *
 *   SCHED 1009ms: gomaxprocs=2 idleprocs=0 threads=6 spinningthreads=0 idlethreads=1 runqueue=0 [0 2] hogs=1 asleep=3 retakes=17 letgo=0 morestack=0 splitpreempts=0
 *
 * Nobody is stopped meanwhile: the numbers are not of one moment. What is printed of an m was true of it or of the one that had
 * its place before. */
#include "debug/debug.h"
#include "core/gstatus.h"
#include "core/lock.h"
#include "core/throw.h"
#include "os/os.h"
#include "sched/g.h"
#include "sched/newstack.h"
#include "sched/runq.h"
#include <stdlib.h>

static bool detail, stacks; /* I */

static void printp(struct printer *pr, struct p *pp)
{
	static const char *const names[] = { [Pidle] = "idle", [Prunning] = "running", [Pdead] = "retired" };
	struct m *mp = load_rlx(&pp->m);
	print_fmt(pr, "  P%d: status=%s schedtick=%u m=", pp->id, names[load_rlx(&pp->status)], load_rlx(&pp->schedtick));
	if (mp)
		print_int(pr, mp->id);
	else
		print_str(pr, "nil");
	print_fmt(pr, " runqsize=%u gfreecnt=%u timerslen=%u\n", runqlen(&pp->runq), load_rlx(&pp->cache[SLAB_G].n), load_rlx(&pp->timers.len));
}

static void printg(struct g *gp, void *arg)
{
	static const char *const strays[] = { [STRAY_NOT] = "", [STRAY_HOG] = " without P: computes", [STRAY_ASLEEP] = " without P: asleep" };
	struct printer *pr = arg;
	uint32_t st = readgstatus(gp);
	struct m *mp = load_rlx(&gp->m);
	if (!isshown(gp))
		return;
	print_fmt(pr, "  G%lu: status=%s", (unsigned long)gp->goid, statusname(gp));
	if (st == Grunning && mp)
		print_fmt(pr, " m=%ld thread=%d%s", (long)mp->id, mp->tid, strays[load_rlx(&mp->stray)]);
	print_str(pr, gp->lockedm ? " locked to thread\n" : "\n");
}

void schedtrace(void)
{
	struct printer pr;
	int32_t n = load_acq(&sched.nallp); // acq[AP]
	print_init(&pr, os_write, 2);
	lock(&sched.lock);
	int64_t threads = sched.mnext - sched.nmfreed - sched.nforeign - sched.nmspare, letgo = sched.nletgo;
	int32_t idle = sched.nmidle, idlep = sched.npidle, runq = sched.runqsize;
	unlock(&sched.lock);
	int32_t hogs = load_rlx(&sched.nhogs), asleep = load_rlx(&sched.nstray) - hogs;
	print_fmt(&pr, "SCHED %ldms: gomaxprocs=%d idleprocs=%d threads=%ld spinningthreads=%d idlethreads=%d runqueue=%d [",
	          (long)((os_nanotime() - sched.starttime) / 1000000), load_rlx(&sched.gomaxprocs), idlep, (long)threads,
	          load_rlx(&sched.nmspinning), idle, runq);
	for (int32_t i = 0; i < n; i++)
		print_fmt(&pr, i ? " %u" : "%u", runqlen(&load_rlx(&sched.allp[i])->runq));
	print_fmt(&pr, "] hogs=%d asleep=%d retakes=%lu letgo=%ld morestack=%lu splitpreempts=%lu\n", hogs, asleep > 0 ? asleep : 0,
	          (unsigned long)load_rlx(&sched.nretakes), (long)letgo, (unsigned long)load_rlx(&splitcounts.calls),
	          (unsigned long)load_rlx(&splitcounts.preempts));
	if (detail) {
		for (int32_t i = 0; i < n; i++)
			printp(&pr, load_rlx(&sched.allp[i]));
		forEachG(printg, &pr);
	}
	print_flush(&pr);
	if (stacks)
		census();
}

/* The value of name=NUMBER at *s, which then is behind it; -1: it is something else. */
static long setting(const char **s, const char *name)
{
	const char *p = *s;
	long n = 0;
	for (; *name; name++, p++)
		if (*p != *name)
			return -1;
	if (*p < '0' || *p > '9')
		return -1;
	for (; *p >= '0' && *p <= '9' && n < 1000000000; p++)
		n = n * 10 + (*p - '0');
	if (*p != ',' && *p != '\0')
		return -1;
	*s = p + (*p == ',');
	return n;
}

void debugenv(void)
{
	const char *env = getenv("GARN_DEBUG");
	for (const char *s = env; s && *s;) {
		long n;
		if ((n = setting(&s, "schedtrace=")) >= 0)
			sched.traceevery = n * 1000000;
		else if ((n = setting(&s, "scheddetail=")) >= 0)
			detail = n > 0;
		else if ((n = setting(&s, "stacks=")) >= 0)
			stacks = n > 0;
		else
			fatal_env("GARN_DEBUG", env, "schedtrace=MILLISECONDS, scheddetail=1, stacks=1, with commas between");
	}
	hooks.schedtrace = schedtrace;
	hooks.ending = stacks ? census : NULL;
}
