/* findrunnable: where the next g comes from when this P has none at hand, and how an M goes to sleep.
 *
 * No work is lost while an M goes to sleep:
 *
 *   submitter                               M that found nothing
 *   put g on a queue                        nmspinning-- , P to the idle list
 *   asym_light                              asym_heavy
 *   look at npidle, nmspinning (wakep)      look at all queues again
 *
 * One of the two sees the other. The submitter's fence is free: the sleeper pays (tag WK). What only sits in runnext may be left
 * alone while sysmon is fast (see m.c: wakep_maybe), as sysmon looks at every P that has work waiting.
 *
 * Timers: one idle M, the poller, sleeps until the earliest; who adds an earlier one breaks its sleep (tag PU, the same
 * pattern with full fences).
 *
 * Descriptors: the poller sleeps in epoll, if anybody waits for one. Who comes to wait does so on an M, whose P goes idle only after that, and then it looks
 * whether to be the poller; threads that are none of ours, and Ps that are given away, see to it themselves (needpoller: tag PW, fences again). So
 * while a P is idle and somebody waits, an M is in the poller or on its way there. While no P is idle, those who run out of work
 * ask, and those with work every now and then; and sysmon when nobody did for 10 ms. */

#include "poll/poll.h"
#include "sched/proc.h"
#include "sched/retake.h"
#include "sched/san.h"
#include "timer/timer.h"

static const int64_t FAIRNET = 20000;

int64_t runtimers(struct p *pp, int64_t now)
{
	int64_t next = timers_next(&pp->timers);
	if (next == 0)
		return now;
	if (now == 0)
		now = os_nanotime();
	if (next > now)
		return now;
	struct due d;
	while (timers_due(&pp->timers, now, &d)) {
		void *errand = san_errand(d.arg);
		d.f(d.arg, d.seq, now);
		san_errandover(errand);
	}
	return now;
}

/* Ps that nobody runs may still have timers. */
static void orphantimers(struct p *pp, int64_t now)
{
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) { // acq[AP]
		struct p *other = load_rlx(&sched.allp[i]);
		if (other != pp && load_rlx(&other->status) != Prunning && timers_next(&other->timers) != 0)
			now = runtimers(other, now);
	}
}

/* Four rounds over the others, each in another order; in the last also their timers and runnext. */
static struct g *stealwork(struct m *mp, struct p *pp, bool *inherit)
{
	int64_t now = 0;
	for (int round = 0; round < 4; round++) {
		bool last = round == 3 || hard_dice(2);
		struct randomorder o = randomorder_start((uint32_t)load_acq(&sched.nallp), rand_next(&mp->fastrand)); // acq[AP]
		do {
			struct p *victim = load_rlx(&sched.allp[o.pos]);
			if (victim == pp || load_rlx(&victim->status) != Prunning)
				continue;
			if (last && timers_next(&victim->timers) != 0) {
				now = runtimers(victim, now);
				struct g *gp = runqget(&pp->runq, inherit);
				if (gp)
					return gp;
			}
			if (last && load_rlx(&victim->runq.next) && runqlen(&victim->runq) == 1)
				os_usleep(3); /* it will most likely be run by its P any moment */
			struct g *gp = runqsteal(&pp->runq, &victim->runq, last);
			if (gp)
				return gp;
		} while (randomorder_next(&o));
	}
	orphantimers(pp, now);
	return runqget(&pp->runq, inherit);
}

/* Has any P work that this M, about to sleep, must see to? */
static bool workwaits(void)
{
	bool fast = load_rlx(&sched.sysmonfast);
	if (load_rlx(&sched.runqsize) != 0)
		return true;
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) { // acq[AP]
		struct runq *rq = &load_rlx(&sched.allp[i])->runq;
		if (runqempty(rq))
			continue;
		if (!fast || runqlen(rq) > 1 || !load_rlx(&rq->next))
			return true;
		store_rlx(&sched.watch, 1);
	}
	return false;
}

/* The earliest timer of all Ps, 0 for none: exact, or a stopped timer would hide a deadlock. */
static int64_t earliest(void)
{
	int64_t min = 0;
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) { // acq[AP]
		int64_t t = timers_first(&load_rlx(&sched.allp[i])->timers);
		if (t != 0 && (min == 0 || t < min))
			min = t;
	}
	return min;
}

/* Take an idle P for an M that has none. */
bool takep(struct m *mp, bool spin)
{
	lock(&sched.lock);
	struct p *pp = pidleget();
	unlock(&sched.lock);
	if (!pp)
		return false;
	acquirep(mp, pp);
	if (spin) {
		mp->spinning = true;
		add_sc(&sched.nmspinning, 1);
	}
	return true;
}

/* Until when the poller is to sleep: 0 for not at all, INT64_MAX for descriptors only. */
static int64_t polltime(void)
{
	int64_t t = earliest();
	return t == 0 && load_sc(&npollwaiters) != 0 ? INT64_MAX : t; // sc[PW]: the P is on the idle list
}

/* Be the poller, if nobody is and there is a reason: sleep until the earliest timer, or a descriptor is ready. True with a P, to
 * look for work again. */
static bool pollsleep(struct m *mp)
{
	fence_sc(); // sc[PW]: after the P went to the idle list
	if (polltime() == 0 || !cas_sc(&sched.polling, 0, 1))
		return false;
	int64_t until;
	do {
		until = polltime();
		store_sc(&sched.polluntil, until); // sc[PU]: before the look at the heaps
	} while (until != polltime());
	struct g *list = NULL;
	if (until != 0)
		list = pollwait(until);
	store_sc(&sched.polluntil, 0);
	store_sc(&sched.polling, 0);
	bool got = takep(mp, true);
	readylist(list);
	return got;
}

/* Somebody who has no P will wait for a descriptor, or a P was put away: see that there is a poller. */
void needpoller(void)
{
	fence_sc(); // sc[PW]: the waiter is counted, or the P on the idle list, before the look at the poller
	if (load_sc(&npollwaiters) != 0 && load_sc(&sched.polling) == 0)
		wakep();
}

/* Put what is ready on our queue, unless another asks, or sleeps in the poller; with limit, not again so soon. */
static void asknet(int64_t limit)
{
	if (load_rlx(&sched.polling) || (limit && !pollstale(os_nanotime(), limit)))
		return;
	readylist(pollnow());
}

/* Everybody sleeps, and the poller for a timer that was stopped meanwhile, or for a descriptor nobody waits for any more: have
 * it look again, or a deadlock would go unseen until then. */
static void stalepoller(void)
{
	if (load_rlx(&sched.npidle) == load_rlx(&sched.gomaxprocs) && load_sc(&sched.polling) && // sc[PU]
	    load_sc(&sched.polluntil) != polltime()) // sc[PU]
		pollbreak();
}

void wakenetpoller(int64_t when)
{
	fence_sc(); // sc[PU]: the timer is in its heap before the look at the poller
	if (load_sc(&sched.polling) == 0) {
		wakep();
		return;
	}
	int64_t until = load_sc(&sched.polluntil);
	if (until == 0 || until > when)
		pollbreak();
}

/* Give up the P and sleep until somebody hands this M one. Returns with a P. */
static void sleepm(struct m *mp)
{
	lock(&sched.lock);
	if (sched.runqsize != 0) {
		unlock(&sched.lock);
		return;
	}
	pidleput(releasep(mp));
	unlock(&sched.lock);
	mstintover(mp);

	bool wasspinning = mp->spinning;
	if (wasspinning) {
		mp->spinning = false;
		add_sc(&sched.nmspinning, -1); // sc[WK]
		asym_heavy();                  // sc[WK]: before the look at the queues
		if (workwaits() && takep(mp, true))
			return;
	}
	if (pollsleep(mp))
		return;
	stalepoller();
	stopm();
}

/* This M's P was taken out of service: leave its work to the others, and sleep. */
static void retirep(struct m *mp)
{
	if (mp->spinning) {
		mp->spinning = false;
		add_sc(&sched.nmspinning, -1);
	}
	pdrain(mp->p);
	lock(&sched.lock);
	pidleput(releasep(mp));
	unlock(&sched.lock);
	wakep();
	stopm();
}

struct g *findrunnable(struct m *mp, bool *inherit)
{
	for (;;) {
		struct p *pp = mp->p;
		struct g *gp = NULL;
		if (unlikely(pretired(pp))) {
			retirep(mp);
			continue;
		}
		if (unlikely(load_rlx(&pp->purge)))
			ppurge(pp);
		runtimers(pp, 0);
		if (unlikely(load_rlx(&sched.orphans))) {
			store_rlx(&sched.orphans, 0);
			orphantimers(pp, 0);
		}
		if (load_rlx(&pp->sliceover)) {
			store_rlx(&pp->sliceover, 0);
			if ((gp = runqget(&pp->runq, inherit)) && !*inherit)
				return gp; /* nobody was in runnext: the others in their order */
			if (gp)
				runqput_p(pp, gp, false); /* who was in runnext has had the slice */
		}
		bool fair = pp->dispatches % 61 == 0;
		if (fair && pollwanted())
			asknet(FAIRNET);
		if (fair && load_rlx(&sched.runqsize) != 0) {
			lock(&sched.lock);
			gp = globrunqget(pp, true);
			unlock(&sched.lock);
			if (gp)
				return *inherit = false, gp;
		}
		if ((gp = runqget(&pp->runq, inherit)))
			return gp;
		if (load_rlx(&sched.runqsize) != 0) {
			lock(&sched.lock);
			gp = globrunqget(pp, false);
			unlock(&sched.lock);
			if (gp)
				return *inherit = false, gp;
		}
		if (pollwanted()) {
			asknet(0);
			if ((gp = runqget(&pp->runq, inherit)))
				return gp;
		}
		int32_t busy = load_rlx(&sched.gomaxprocs) - load_rlx(&sched.npidle);
		if (mp->spinning || 2 * load_rlx(&sched.nmspinning) < busy) {
			if (!mp->spinning) {
				mp->spinning = true;
				add_sc(&sched.nmspinning, 1);
			}
			if ((gp = stealwork(mp, pp, inherit)))
				return gp;
		}
		sleepm(mp);
	}
}
