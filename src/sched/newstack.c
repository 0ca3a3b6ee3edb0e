/* newstack: what a function compiled with -fsplit-stack comes to, through __morestack (arch/split.S), when it would go below the
 * limit in its thread's control block.
 *
 *   the limit is          on a thread that
 *   stack.lo + STACK_RED  runs a goroutine: set at each dispatch (gogo, gostart)
 *   0                     runs none, or a function of garn_on_thread_stack: nothing lies below, and nobody comes here
 *   STACK_POISON          is wanted by sysmon, which has set m.mark as well (retake.c): everybody comes here
 *
 * In the scheduler it is what the last goroutine had: nothing looks there, but signal handlers, and these come to 4.
 *
 * 1. A frame that does not fit is told before anything of it is touched, by the report of those that run into the guard.
 * 2. One that fits goes on where it is: stacks grow in place, and pages come by themselves.
 * 3. With m.mark set it is a callpoint, Go 1.12's trigger: the goroutine waits for its next turn, at home, on its own thread.
 *    Not where it must not: in the scheduler (inrt), in a signal handler (which has blocked what it handles, and may have
 *    interrupted one who holds a lock of ours; one installed with SA_NODEFER and an empty mask has not, and should be compiled without
 *    the flag), and not where there is little room left.
 * 4. Code that runs on a stack not the goroutine's (garn_on_thread_stack, an alternate signal stack, coroutines of
 *    somebody else's) is none of our business and goes on.
 * 5. Who is here has taken the poison away first, then looks at the mark; sysmon marks first, then poisons: so no poison is lost whose
 *    mark was not seen (SL).
 *
 * STACK_RED, 8 KB above the guard, is what __morestack itself needs, 2.7 KB of vector registers and then C, sanitized perhaps, after a
 * function that had all of it but 255 bytes. Small frames of libc's fit as well; larger ones have the guard below them, and what
 * they touch there is reported in the same words.
 *
 * Compilers compare the stack pointer itself when a frame has less than 256 bytes, else where it will be; so does room. */
#include "sched/newstack.h"
#include "arch/arch.h"
#include "garn.h"
#include "sched/proc.h"
#include "sched/retake.h"
#include "stack/stack.h"
#undef errno

enum { SMALL = 256, PREEMPT_ROOM = 8 << 10 };

struct splitcounts splitcounts;

static bool room(const struct g *gp, uintptr_t sp, size_t frame)
{
	if (frame >= SMALL) {
		if (frame > sp)
			return false;
		sp -= frame;
	}
	return sp >= gp->sched.limit;
}

static void nostack(void *gp)
{
	hooks.overflow(gp);
}

static bool maywait(struct g *gp, uintptr_t sp)
{
	return load_rlx(&gp->m->inrt) == 0 && gp->m->locks == 0 && sp >= gp->sched.limit + PREEMPT_ROOM && !os_sigblocked();
}

static void newstack1(uintptr_t sp, size_t frame)
{
	struct g *gp = getg();
	uintptr_t *limit = arch_limit();
	if (!gp || gp == gp->m->g0) {
		store_rlx(limit, 0);
		return;
	}
	if (sp <= gp->stack.lo || sp > gp->stack.hi) {
		store_rlx(limit, gp->sched.limit);
		return;
	}
	if (unlikely(!room(gp, sp, frame)))
		systemstack(nostack, gp);
	xchg_sc(limit, gp->sched.limit); // sc[SL]: before the look at mark
	add_rlx(&splitcounts.calls, 1);
	if (load_acq(&gp->m->mark) == 0 || !maywait(gp, sp)) // sc[SL]
		return;
	add_rlx(&splitcounts.preempts, 1);
	callpoint(gp);
}

void newstack(uintptr_t sp, size_t frame)
{
	newstack1(sp, frame);
	arch_clobber();
}
