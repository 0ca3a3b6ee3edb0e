/* Looking after goroutines that have waited for long: pages of their stacks below the stack pointer, left from deeper days, go back to
 * the kernel (Go's shrinkstack, which halves a stack at a collection); and of those that may be packed the whole stack is put away (stack/pack.c).
 *
 * sysmon walks over all gs, once a second at most and for a hundredth of its time, a tenth where something may
 * be packed. It must not touch the stack of a g that runs, and who
 * runs a g should pay nothing for that: so the two meet like retake and penter, with the fence on sysmon's side.
 *
 *   g.scan, from -> to
 *   NONE    -> CLAIMED  [sysmon: of one that has waited for long]
 *   CLAIMED -> BUSY     [sysmon: it still waits, and nobody holds it]
 *   CLAIMED -> NONE     [unscan, by who runs it; holdg; sysmon: it does not wait any more, or is held]
 *   BUSY    -> DONE     [sysmon: trimmed]
 *   BUSY    -> PACKED   [sysmon]
 *   PACKED  -> BUSY     [unpack, by whoever comes first]
 *   BUSY    -> DONE     [unpack]
 *   DONE    -> NONE     [unscan]
 *
 *   who runs it (execute)                  sysmon                              who holds it (holdg)
 *   status = Grunning                      scan = CLAIMED, of a few gs         pins++ (a full fence)
 *   asym_light (free)                      asym_heavy (membarrier)             look at scan: CLAIMED: undo it;
 *   look at scan: CLAIMED: undo it;        look at status and pins: Gwaiting   BUSY: wait until it is not;
 *   BUSY: wait until it is not;            and 0: CLAIMED -> BUSY              PACKED: unpack
 *   PACKED: unpack
 *
 *  1. One of the two sees the other. If sysmon sees Gwaiting, whoever runs the g after that sees CLAIMED, or what came of it; of the two changes
 *     from CLAIMED one succeeds. The same for who holds it: if sysmon sees no pin, he sees CLAIMED or what came of it.
 *  2. A g that is marked waiting is off its stack, and its context is saved: park_m does both before. So while scan is BUSY
 *     the stack is sysmon's below sp. Above sp others may write (a value handed over): that stays where it is, or (pack) os/away.c sees to
 *     it that what they write is not lost and that they find all or nothing.
 *  3. DONE stays until the g runs, so that one wait is looked at once: what was packed and touched stays where it is, and nobody who
 *     touches a packed stack again and again pays for that again and again.
 *  4. BUSY is short, and whoever made it so waits for nothing but the lock of stack/pack.c, whose holder waits for nobody, but for memory perhaps. All signals
 *     are blocked meanwhile: so who waits for BUSY never waits for himself.
 *
 * A packed stack is touched by others through a fault: the handler (debug/fault.c) asks unpackfault first of all, on whatever
 * thread, on g0 or not, whatever runtime locks the faulting code holds: unpack takes one only, the last of all ranks. (What lies far below the live part of a packed
 * stack can be touched, unless its block is folded (stack/fold.c): then that is undone, and the stack stays packed.) So it is enough for all that
 * touches stacks: variables the program shares, a mutex or a waitgroup on a stack, the values and the locks of the scheduler's own (a select's
 * list while its g is on its way to sleep), traces. It is not enough where SIGSEGV is blocked, as the kernel kills the process then. So
 *   - channels, which know whom they wake, hold him while they copy (holdwaiter: a load and a branch if he is never packed);
 *   - what others touch for a g while it waits, from threads of ours with all signals blocked, is held (requests to io_uring), or lies elsewhere
 *     (garn_poll);
 *   - a walk that dies (debug/) opens the signal first;
 * and what the program does with its own threads that block SIGSEGV is its own matter, and documented.
 *
 * The kernel's own access does not come to the handler: it fails with EFAULT, perhaps when it has already consumed a datagram. So all calls of io/
 * hold what they hand over (io/pin.h). What other code hands to the kernel is the program's matter: it chose the goroutine.
 *
 * Whom to hold is found by the address (hold), and to let go too, as a call has no place to keep that for each of a thousand buffers. A goroutine
 * that ends while one on its stack is held (the answer may have come before the call is quite over; or a mistake) leaves pins behind, and
 * whoever has its stack next may be let go once too often. So pins begin at 0 with each goroutine that may be packed, mean nothing of others, and
 * never go below 0: nobody stays unpacked for that. What is left is a call that lasts for long and whose pin went that way: the kernel may then say
 * EFAULT. For this the stack must have come to another goroutine, and that one's buffer be held, before the first call let go.
 *
 * A program that takes SIGSEGV for itself later than us: each walk looks, packs no more and puts back what is packed.
 *
 * Where membarrier is missing nothing is done. */

#include "sched/scan.h"
#include "base/print.h"
#include "sched/g.h"
#include "sched/proc.h"
#include "stack/pack.h"
#include "stack/stack.h"
#include <signal.h>
#undef errno

enum { BATCH = 32, LOOKS = 2048, SHARE = HARD ? 1 : 100, SHARE_PACKING = HARD ? 1 : 10 };
static const int64_t LONG = HARD ? 500000 : 2000000000, PASS = HARD ? 1000000 : 1000000000,
	PACK_DEFAULT = HARD ? 500000 : 1000000000;

/* ---- Packed or not ------------------------------------------------------------------------------- */

static uint32_t able;      /* A[PK]: of this process */
static const char *reason; /* I: published by able: why not */
enum { UNTRIED, TRYING, ABLE, UNABLE };

/* Why not; null: it can. */
static const char *whynot(void)
{
	sigset_t set;
	if (!hooks.faultsours || !hooks.faultsours())
		return "SIGSEGV is the program's";
	if (pthread_sigmask(SIG_BLOCK, NULL, &set) == 0 && sigismember(&set, SIGSEGV))
		return "SIGSEGV is blocked";
	return packinit();
}

bool packable(void)
{
	while (load_acq(&able) <= TRYING) { // acq[PK]
		if (!cas_rlx(&able, UNTRIED, TRYING)) {
			os_yield();
			continue;
		}
		reason = whynot();
		store_rlx(&sched.packing, !reason);
		store_rel(&able, reason ? UNABLE : ABLE); // rel[PK]
	}
	return load_rlx(&able) == ABLE;
}

void scaninit(int32_t ms)
{
	sched.packafter = ms < 0 ? PACK_DEFAULT : ms * (int64_t)1000000;
	if (ms < 0 || packable()) {
		sched.packall = ms >= 0;
		return;
	}
	struct printer pr;
	print_init(&pr, os_write, 2);
	print_fmt(&pr, "garn: GARN_PACK: no stack is packed: %s\n", reason);
	print_flush(&pr);
}

/* A thread that has made some scan BUSY must not be taken elsewhere. */
static void blockall(sigset_t *old)
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, old);
}

bool unpack(struct g *gp, enum unpackby by)
{
	sigset_t old;
	blockall(&old);
	bool mine = cas_acqrel(&gp->scan, SCAN_PACKED, SCAN_BUSY); // acq[SH]
	if (mine) {
		hard_point();
		stackunpack(gp);
		hard_point();
		store_rel(&gp->scan, SCAN_DONE); // rel[SH]
		add_rlx(&sched.nunpacked[by], 1);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return mine;
}

/* Not BUSY and not PACKED any more; what it is then comes back. */
static uint8_t there(struct g *gp, enum unpackby by)
{
	for (;;) {
		uint8_t scan = load_acq(&gp->scan); // acq[SH]
		if (scan == SCAN_BUSY)
			os_yield();
		else if (scan == SCAN_PACKED)
			unpack(gp, by);
		else
			return scan;
	}
}

enum packfault unpackfault(uintptr_t addr)
{
	bool folded = false;
	if (!load_rlx(&sched.packing) || load_rlx(&sched.started) == 3) /* in a forked child nobody would end a BUSY */
		return FAULT_OTHER;
	struct g *gp = packowner(addr);
	if (!gp)
		return !stackunfold(addr, &folded) ? FAULT_OTHER : folded ? FAULT_BACK : FAULT_THERE;
	uint8_t scan = load_acq(&gp->scan); // acq[SH]
	there(gp, UNPACK_FAULT);
	return scan == SCAN_PACKED || scan == SCAN_BUSY ? FAULT_BACK : FAULT_THERE;
}

void holdg(struct g *gp, enum unpackby by)
{
	add_sc(&gp->pins, 1); // sc[SH]: before the look at scan
	for (;;) {
		uint8_t scan = there(gp, by);
		if (scan != SCAN_CLAIMED || cas_acqrel(&gp->scan, SCAN_CLAIMED, SCAN_NONE)) // acq[SH] sc[SH]
			return;
	}
}

void letgog(struct g *gp)
{
	uint32_t n = load_rlx(&gp->pins);
	while (n > 0 && !cas_acqrel(&gp->pins, n, n - 1)) // rel[SH]
		n = load_rlx(&gp->pins);
}

void hold(const void *p)
{
	struct g *gp = packowner((uintptr_t)p);
	if (gp && gp != getg())
		holdg(gp, UNPACK_PIN);
}

void letgo(const void *p)
{
	struct g *gp = packowner((uintptr_t)p);
	if (gp && gp != getg())
		letgog(gp);
}

bool packbirth(struct g *gp)
{
	store_rlx(&gp->pins, 0); /* left of who had the descriptor */
	return packown(gp);
}

void unscan(struct g *gp)
{
	for (;;) {
		uint8_t scan = there(gp, UNPACK_RUN);
		if (cas_acqrel(&gp->scan, scan, SCAN_NONE)) // acq[SH]
			return;
	}
}

/* ---- Walking ------------------------------------------------------------------------------------- */

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

static bool ours; /* faults come to us: so we may pack */

static void settle(struct g **gs, uint32_t n)
{
	if (n == 0)
		return;
	hard_pause();
	asym_heavy(); // sc[SH]: after the claims, before the looks at status
	for (uint32_t i = 0; i < n; i++) {
		struct g *gp = gs[i];
		bool waits = load_acq(&gp->status) == Gwaiting && !(gp->pack && load_acq(&gp->pins) != 0); // acq[GW] acq[SH] sc[SH]
		hard_point();
		if (!cas_acqrel(&gp->scan, SCAN_CLAIMED, waits ? SCAN_BUSY : SCAN_NONE) || !waits) // rel[SH]
			continue;
		hard_pause();
		shrinkstack(gp);
		bool packed = ours && gp->pack && stackpack(gp);
		hard_point();
		if (packed)
			add_rlx(&sched.npacked, 1);
		store_rel(&gp->scan, packed ? SCAN_PACKED : SCAN_DONE); // rel[SH]
	}
}

/* A part of a walk; false at its end. *young: there is one that may be seen to later. */
static bool walk(struct slabcursor *at, int64_t now, bool *young)
{
	struct g *claimed[BATCH], *gp = NULL;
	uint32_t n = 0;
	ours = load_rlx(&sched.packing) && hooks.faultsours();
	for (int i = 0; i < LOOKS && n < BATCH && (gp = gnext(at)); i++) {
		if (unlikely(load_rlx(&gp->scan) == SCAN_PACKED && !ours))
			unpack(gp, UNPACK_SYSMON);
		if (load_rlx(&gp->status) != Gwaiting || load_rlx(&gp->scan) != SCAN_NONE)
			continue;
		if (now - load_rlx(&gp->waitsince) < (gp->pack ? sched.packafter : LONG)) {
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
	static struct slabcursor at;
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
		bool packing = load_rlx(&sched.packing);
		int64_t pass = packing && sched.packafter < PASS ? sched.packafter : PASS, rest = spent * (packing ? SHARE_PACKING : SHARE);
		next = end + (rest > pass ? rest : pass);
		spent = 0;
	}
	return walking;
}
