/* Deadlock: nothing can ever run again. Asked each time an M goes to sleep.
 *
 * Dead means all of: every P idle; every M asleep (the poller, which waits for a timer, and Ms inside C code are not); no timer
 * in any heap; nothing outside announced (signals that are listened for, calls that helper threads make); no thread about that is
 * not ours and might call in. In a program that embeds garn (garn_run) the
 * rest of the program may always call in: no verdict there. A verdict that only a foreign thread stands against is
 * sought again by sysmon, as such a thread may end without a word.
 *
 * Foreign threads that wait in gopark stand against nothing. How many these are is parks less wakes: a park is counted when the
 * thread will do nothing more but sleep, a wake by the waker before it does anything else. The kernel's count of threads is read between two looks at
 * the wakes. If these are the same, all who were asleep at the first still were when the threads were counted; if there are no others, nobody
 * was left who could have woken one, or have made a thread. */

#include "sched/proc.h"
#include "sched/san.h"
#include "timer/timer.h"

/* Threads that are none of ours, were not there before us (TSan has one), and are awake. */
static bool foreignthreads(void)
{
	int64_t known = sched.mnext - sched.nmfreed - sched.nforeign - sched.nmspare;
	int64_t wakes = load_sc(&sched.thrwakes); // sc[DT]
	int64_t asleep = load_sc(&sched.thrparks) - wakes; // sc[DT]
	int n = os_nthreads();
	return n == 0 || n > known + sched.basethreads + asleep || load_sc(&sched.thrwakes) != wakes; // sc[DT]
}

static bool timerspending(void)
{
	for (int32_t i = 0; i < load_acq(&sched.nallp); i++) // acq[AP]
		if (timers_next(&sched.allp[i]->timers) != 0)
			return true;
	return false;
}

/* Holds sched.lock. */
void checkdead(void)
{
	if (load_rlx(&sched.started) != 1 || sched.embedded || load_rlx(&sched.dying))
		return;
	if (sched.npidle != sched.gomaxprocs || sched.runqsize != 0 || sched.noutside != 0)
		return;
	int64_t awake = sched.mnext - sched.nmfreed - sched.nmidle - sched.nmidlelocked - sched.nmsys -
	                sched.nforeign;
	if (awake > 0)
		return;
	if (awake < 0)
		throw("checkdead: negative count of threads");
	if (timerspending())
		return;
	if (foreignthreads()) {
		store_rlx(&sched.deadcheck, 1);
		wakesysmon();
		return;
	}
	bool none = gcount() == 0;
	unlock(&sched.lock);
	hooks.deadlock(none ? "no goroutines (main called garn_goexit) - deadlock!"
	                    : "all goroutines are asleep - deadlock!");
}

void threadparks(void)
{
	add_sc(&sched.thrparks, 1); // sc[DT]: before the look at the Ps; a look that comes too early is made good by sysmon
	if (load_rlx(&sched.npidle) != load_rlx(&sched.gomaxprocs))
		return;
	lock(&sched.lock);
	checkdead();
	unlock(&sched.lock);
}

void outside(int n)
{
	lock(&sched.lock);
	sched.noutside += n;
	if (sched.noutside < 0)
		throw("outside: negative count");
	if (sched.noutside == 0)
		checkdead(); /* all may sleep already, and nobody asks again */
	unlock(&sched.lock);
}
