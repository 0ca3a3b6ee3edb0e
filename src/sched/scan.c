/* Looking after goroutines that have waited for long: pages of their stacks below the stack pointer, left from deeper days, go back to
 * the kernel (Go's shrinkstack, which halves a stack at a collection).
 *
 * sysmon walks over all gs, once a second at most and for a hundredth of its time. It must not touch the stack of a g that runs, and who
 * runs a g should pay nothing for that: so the two meet like retake and penter, with the fence on sysmon's side.
 *
 *   g.scan, from -> to
 *   NONE    -> CLAIMED  [sysmon: of one that has waited for long]
 *   CLAIMED -> BUSY     [sysmon: it still waits]
 *   CLAIMED -> NONE     [unscan, by who runs it; sysmon: it does not wait any more]
 *   BUSY    -> DONE     [sysmon]
 *   DONE    -> NONE     [unscan]
 *
 *   who runs it (execute)                  sysmon
 *   status = Grunning                      scan = CLAIMED, of a few gs
 *   asym_light (free)                      asym_heavy (membarrier)
 *   look at scan: CLAIMED: undo it;        look at status: Gwaiting: CLAIMED -> BUSY
 *   BUSY: wait until it is not
 *
 *  1. One of the two sees the other. If sysmon sees Gwaiting, whoever runs the g after that sees CLAIMED or BUSY; of the two changes from
 *     CLAIMED one succeeds.
 *  2. A g that is marked waiting is off its stack, and its context is saved: park_m does both before. So while scan is BUSY
 *     the stack is sysmon's below sp. Above sp others may write (a value handed over): that stays where it is.
 *  3. DONE stays until the g runs, so that one wait is looked at once.
 *
 * Where membarrier is missing nothing is done. */

#include "sched/scan.h"
#include "sched/g.h"
#include "sched/proc.h"
#include "stack/stack.h"

enum { BATCH = 32, LOOKS = 2048, SHARE = HARD ? 1 : 100 };
static const int64_t LONG = HARD ? 500000 : 2000000000, PASS = HARD ? 1000000 : 1000000000;

void unscan(struct g *gp)
{
	for (;;) {
		uint8_t scan = load_acq(&gp->scan); // acq[SH]
		if (scan == SCAN_BUSY)
			os_yield();
		else if (cas_acqrel(&gp->scan, scan, SCAN_NONE)) // acq[SH]
			return;
	}
}

/* Its stack is ours below sp. */
static void shrinkstack(struct g *gp)
{
	uintptr_t lo = gp->stack.lo, sp = gp->sched.sp, keep = sp & -(uintptr_t)STACK_PAGE;
	if (sp < lo || sp > gp->stack.hi) /* it waits on a stack of the user's */
		return;
	if (keep > lo)
		os_unused((void *)lo, keep - lo);
	add_rlx(&sched.nshrunk, 1);
}

static void settle(struct g **gs, uint32_t n)
{
	if (n == 0)
		return;
	hard_pause();
	asym_heavy(); // sc[SH]: after the claims, before the looks at status
	for (uint32_t i = 0; i < n; i++) {
		struct g *gp = gs[i];
		bool waits = load_acq(&gp->status) == Gwaiting; // acq[GW] sc[SH]
		hard_point();
		if (!cas_acqrel(&gp->scan, SCAN_CLAIMED, waits ? SCAN_BUSY : SCAN_NONE) || !waits) // rel[SH]
			continue;
		hard_pause();
		shrinkstack(gp);
		store_rel(&gp->scan, SCAN_DONE); // rel[SH]
	}
}

/* A part of a walk; false at its end. *young: there is one that may be seen to later. */
static bool walk(struct gcursor *at, int64_t now, bool *young)
{
	struct g *claimed[BATCH], *gp = NULL;
	uint32_t n = 0;
	for (int i = 0; i < LOOKS && n < BATCH && (gp = gnext(at)); i++) {
		if (load_rlx(&gp->status) != Gwaiting || load_rlx(&gp->scan) != SCAN_NONE)
			continue;
		if (now - load_rlx(&gp->waitsince) < LONG) {
			*young = true;
			continue;
		}
		hard_pause();
		store_rlx(&gp->scan, SCAN_CLAIMED); // sc[SH]
		claimed[n++] = gp;
	}
	settle(claimed, n);
	return gp != NULL;
}

/* Has anything run since the last walk began? */
static bool stirred(void)
{
	static uint64_t seen;
	uint64_t sum = 0;
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) // acq[AP]
		sum += load_rlx(&load_rlx(&sched.allp[i])->dispatches);
	bool is = sum != seen;
	seen = sum;
	return is;
}

bool scan(int64_t now, bool *later)
{
	static struct gcursor at;
	static int64_t next, spent;
	static bool due, young, walking;
	if (SAN_THREAD || asym_slow)
		return false;
	if (!walking) {
		due |= stirred() || young;
		*later |= due;
		if (!due || now < next)
			return false;
		due = young = false;
		walking = true;
	}
	*later = true;
	walking = walk(&at, now, &young);
	int64_t end = os_nanotime();
	spent += end - now;
	if (!walking) {
		next = end + (spent * SHARE > PASS ? spent * SHARE : PASS);
		spent = 0;
	}
	return walking;
}
