/* Does a thread compute, or sleep in the kernel? What sysmon wants to know of one whose goroutine stands still.
 *
 * Who has used half of the time since the last look, by his thread's CPU clock, computes: a cheap question. Of others /proc knows. To
 * read there takes a descriptor for a moment, the lowest number that is free: a program that says close(0); open(...) would get
 * another one, and who still used a number after closing it would read our file. So another thread reads, a helper
 * with an empty table of descriptors of its own. It is made when first needed. Where the kernel has no close_range (before 5.9) it reads
 * with the program's table.
 *
 * Only sysmon asks: one question at most is under way.
 *
 * Rejected: a table of its own for sysmon, which asks epoll and prints; the clock alone, as who waits for a CPU stands still, too. */

#include "sched/proc.h"

enum { STACK = 64 << 10 };
static const int64_t AGAIN = 1000000000;

static struct {
	struct note asked, answered;
	int tid;     /* by asked */
	bool asleep; /* by answered */
} question;

bool computes(int tid, struct cpulook *last, int64_t now)
{
	int64_t cpu = os_cputime(tid), used = cpu - last->cpu, passed = now - last->when;
	last->cpu = cpu;
	last->when = now;
	return cpu >= 0 && used > passed / 2;
}

static void answer(void *unused)
{
	(void)unused;
	os_ownfiles();
	for (;;) {
		notesleep(&question.asked);
		noteclear(&question.asked);
		question.asleep = os_asleep(question.tid);
		notewakeup(&question.answered);
	}
}

/* Is there a helper? One that was refused is tried again later. */
static bool begun(void)
{
	static bool up;
	static int64_t again;
	if (likely(up))
		return true;
	int64_t now = os_nanotime();
	if (now < again)
		return false;
	again = now + AGAIN;
	up = helpernew(STACK, answer, NULL) == 0;
	return up;
}

bool asleep(int tid)
{
	if (!begun())
		return false;
	noteclear(&question.answered);
	question.tid = tid;
	notewakeup(&question.asked);
	notesleep(&question.answered);
	return question.asleep;
}
