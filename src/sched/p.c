/* Ps: made once, never freed; idle ones on a list under sched.lock; the first gomaxprocs of allp may run.
 *
 *   from -> to              by
 *   (new) -> Pdead          procresize
 *   Pidle -> Prunning       acquirep, by the M that got it from pidleget or in nextp
 *   Prunning -> Pidle       releasep
 *   Pidle -> Pdead          pidleput or procresize, when its id is not below gomaxprocs
 *   Pdead -> Pidle          procresize
 *
 * Go stops the world to change GOMAXPROCS. C code cannot be stopped, and need not be: a P whose id is no longer below
 * gomaxprocs is retired. Its M gives it up at its next schedule, after its queue went to the global one; its timers stay, as any
 * M looks at all heaps.
 *
 * An idle P has an empty run queue. */

#include "core/slab.h"
#include "sched/proc.h"
#include "sched/retake.h"
#include "sched/san.h"
#include "stack/stack.h"
#include "timer/timer.h"

bool pretired(struct p *pp)
{
	return pp->id >= load_rlx(&sched.gomaxprocs);
}

static struct p *newp(int32_t id)
{
	size_t size = (sizeof(struct p) + 4095) & ~(size_t)4095;
	struct p *pp = os_mmap(size);
	if (!pp)
		fatal_os("no memory for a processor", ENOMEM, "lower GARN_MAXPROCS, or see " MEMORY_LIMITS);
	pp->id = id;
	pp->fastrand = os_random();
	timersinit(&pp->timers);
	return pp;
}

void procresize(int32_t n)
{
	for (int32_t i = sched.nallp; i < n; i++) {
		struct p *pp = newp(i);
		pp->status = Pdead;
		store_rlx(&sched.allp[i], pp);
		store_rel(&sched.nallp, i + 1); // rel[AP]: publishes the P
	}
	store_rlx(&sched.gomaxprocs, n);
	struct p *list = sched.pidle;
	sched.pidle = NULL;
	store_rlx(&sched.npidle, 0);
	while (list) {
		struct p *pp = list;
		list = pp->link;
		pidleput(pp);
	}
	for (int32_t i = n; i-- > 0;)
		if (sched.allp[i]->status == Pdead) {
			store_rlx(&sched.allp[i]->status, Pidle);
			pidleput(sched.allp[i]);
		}
}

void acquirep(struct m *mp, struct p *pp)
{
	if (mp->p || pp->m || pp->status != Pidle)
		throw("acquirep: processor not idle");
	store_rlx(&mp->p, pp);
	store_rlx(&mp->mark, 0);
	notstray(mp);
	store_rlx(&pp->m, mp);
	store_rlx(&pp->status, Prunning);
}

struct p *releasep(struct m *mp)
{
	struct p *pp = mp->p;
	if (!pp || pp->m != mp || pp->status != Prunning)
		throw("releasep: processor not ours");
	store_rlx(&mp->p, NULL);
	store_rlx(&pp->m, NULL);
	store_rlx(&pp->status, Pidle);
	return pp;
}

void pidleput(struct p *pp)
{
	if (!runqempty(&pp->runq))
		throw("pidleput: processor has work");
	if (pretired(pp)) {
		store_rlx(&pp->status, Pdead);
		return;
	}
	pp->link = sched.pidle;
	sched.pidle = pp;
	store_rlx(&sched.npidle, sched.npidle + 1);
}

struct p *pidleget(void)
{
	struct p *pp = sched.pidle;
	if (!pp)
		return NULL;
	sched.pidle = pp->link;
	store_rlx(&sched.npidle, sched.npidle - 1);
	wakesysmon();
	return pp;
}

void ppurge(struct p *pp)
{
	store_rlx(&pp->purge, 0);
	stackcache_flush(pp);
	slabpurge(pp);
}

void purgeall(void)
{
	lock(&sched.lock);
	for (struct p *pp = sched.pidle; pp; pp = pp->link)
		ppurge(pp);
	unlock(&sched.lock);
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) // acq[AP]
		if (load_rlx(&load_rlx(&sched.allp[i])->status) == Prunning)
			store_rlx(&load_rlx(&sched.allp[i])->purge, 1);
}

void pdrain(struct p *pp)
{
	struct gqueue all;
	all.n = all.first = 0;
	runqdrain(&pp->runq, &all);
	ppurge(pp);
	lock(&sched.lock);
	globrunqputbatch(&all);
	unlock(&sched.lock);
}
