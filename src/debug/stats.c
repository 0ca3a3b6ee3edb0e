/* garn_read_stats, and GARN_DEBUG=stacks=1, which prints the census of stacks:
 *
 *   STACKS 256K: inuse=1000 most=1032 kept=12 givenback=0 reserved=1024 grown=17 deepest=24K
 *   STACKS packed=990 ever=1500 run=480 access=20 waker=10 call=0 memory=512K folded=118     (where any was)
 *   STACKS guards=markers shrunk=3 morestack=12 splitpreempts=2
 *
 * at the end of main, and with each line of schedtrace. grown: of those in use, so many have more than one page in memory now; deepest: the most that one
 * has. Only the census has these two, as it takes a system call for each goroutine. */
#include "debug/debug.h"
#include "core/lock.h"
#include "garn.h"
#include "os/os.h"
#include "sched/g.h"
#include "sched/newstack.h"
#include "sched/proc.h"
#include "stack/pack.h"
#include "stack/stack.h"
#undef errno

_Static_assert((int)STACK_ORDERS < (int)(sizeof((garn_stats *)0)->stacks / sizeof((garn_stats *)0)->stacks[0]), "and a zero behind the last");

static void readstacks(uint8_t order, struct garn_stack_stats *s)
{
	struct stackcount c;
	int64_t near = 0;
	stackcounts(order, &c);
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) { // acq[AP]
		struct p *pp = load_rlx(&sched.allp[i]);
		near += load_rlx(&pp->stacks[order].n) + (load_rlx(&pp->batches[order]) ? STACK_BATCH : 0);
	}
	s->bytes = stackusable(order);
	s->in_use = (int64_t)c.out > near ? (int64_t)c.out - near : 0;
	s->most = (int64_t)c.most;
	s->kept = near + (int64_t)(c.cut - c.out - c.clean);
	s->given_back = (int64_t)c.returned;
	s->reserved = (int64_t)c.cut;
}

static void readpacked(struct garn_pack_stats *s)
{
	uint64_t n[NUNPACK], back = 0;
	struct packcount c;
	for (int by = 0; by < NUNPACK; by++)
		back += n[by] = load_rlx(&sched.nunpacked[by]);
	s->ever = (int64_t)load_rlx(&sched.npacked);
	s->now = s->ever - (int64_t)back;
	s->by_running = (int64_t)n[UNPACK_RUN];
	s->by_access = (int64_t)n[UNPACK_FAULT];
	s->by_waker = (int64_t)n[UNPACK_WAKE];
	s->by_call = (int64_t)n[UNPACK_PIN];
	packcounts(&c);
	s->bytes = c.held;
	s->folded = c.folded;
	s->folds = (int64_t)c.folds;
}

void garn_read_stats(garn_stats *s)
{
	*s = (garn_stats){ .goroutines = garn_num_goroutines(), .guards = stackguardkind() };
	if (load_acq(&sched.started) == 0) // acq[ST]
		return;
	lock(&sched.lock);
	s->threads = sched.mnext - sched.nmfreed - sched.nforeign - sched.nmspare;
	s->threads_let_go = sched.nletgo;
	unlock(&sched.lock);
	s->threads_computing = load_rlx(&sched.nhogs);
	s->threads_asleep = load_rlx(&sched.nstray) - s->threads_computing;
	if (s->threads_asleep < 0)
		s->threads_asleep = 0;
	s->retakes = (int64_t)load_rlx(&sched.nretakes);
	s->stacks_shrunk = (int64_t)load_rlx(&sched.nshrunk);
	s->morestack_calls = (int64_t)load_rlx(&splitcounts.calls);
	s->morestack_preempts = (int64_t)load_rlx(&splitcounts.preempts);
	readpacked(&s->packed);
	for (uint8_t order = 0; order < STACK_ORDERS; order++)
		readstacks(order, &s->stacks[order]);
}

struct depths {
	size_t deepest[STACK_ORDERS];
	int64_t grown[STACK_ORDERS];
};

/* It may end meanwhile: then its addresses are another's, or nobody's. */
static void depth(struct g *gp, void *arg)
{
	struct depths *d = arg;
	uintptr_t lo = load_rlx(&gp->stack.lo), hi = load_rlx(&gp->stack.hi);
	uint8_t order = load_rlx(&gp->stackorder);
	if (!hi || order >= STACK_ORDERS || hi - lo != stackusable(order))
		return;
	size_t n = os_depth(lo, hi);
	d->grown[order] += n > STACK_PAGE;
	if (n > d->deepest[order])
		d->deepest[order] = n;
}

void census(void)
{
	struct printer pr;
	garn_stats s;
	struct depths d = { 0 };
	garn_read_stats(&s);
	forEachG(depth, &d);
	print_init(&pr, os_write, 2);
	for (int i = 0; s.stacks[i].bytes; i++) {
		struct garn_stack_stats *st = &s.stacks[i];
		if (st->reserved)
			print_fmt(&pr, "STACKS %zuK: inuse=%ld most=%ld kept=%ld givenback=%ld reserved=%ld grown=%ld deepest=%zuK\n",
			          (st->bytes + STACK_GUARD) >> 10, (long)st->in_use, (long)st->most, (long)st->kept,
			          (long)st->given_back, (long)st->reserved, (long)d.grown[i], d.deepest[i] >> 10);
	}
	struct garn_pack_stats *p = &s.packed;
	if (p->ever)
		print_fmt(&pr, "STACKS packed=%ld ever=%ld run=%ld access=%ld waker=%ld call=%ld memory=%zuK folded=%ld\n", (long)p->now,
		          (long)p->ever, (long)p->by_running, (long)p->by_access, (long)p->by_waker, (long)p->by_call, p->bytes >> 10, (long)p->folded);
	print_fmt(&pr, "STACKS guards=%s shrunk=%ld morestack=%ld splitpreempts=%ld\n", s.guards, (long)s.stacks_shrunk,
	          (long)s.morestack_calls, (long)s.morestack_preempts);
	print_flush(&pr);
}
