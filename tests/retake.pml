/* The handshake of src/sched/retake.c: one P, two Ms, and sysmon, which retakes all the time. tests/e_retake_model.sh runs it.
 *
 * Memory is x86's: an M's store to inrt may wait in its store buffer (one entry: who stores again empties it first), its loads pass
 * it, and all its other stores and locks come after it. membarrier empties the buffers of both. What happens under
 * sched.lock (the queue for the P, the idle list) is one step.
 *
 * Shown: the P is used by one at a time, and only inside a bracket; it is not lost; who runs without it has its mark
 * set; who wants it gets it, even when the other never calls again.
 *
 * Mutations, which must fail: NOBARRIER (sysmon looks without membarrier), NOLOOK (without the second look at mark), NOMARK (sysmon
 * does not set it), NOWAIT (a marked M does not wait for the decision). */

#define NONE 2
#ifdef NOLOOK
#define LOOK(seen, i) (seen == 0 && hasp[i])
#else
#define LOOK(seen, i) (seen == 0 && mark[i] && hasp[i])
#endif

byte inrt[2];            /* as in memory */
byte buf[2];             /* the store that waits */
bool pend[2];
bool mark[2];
bool hasp[2];            /* m.p */
byte owner = NONE;       /* p.m */
bool deciding;           /* the lock; sysmon, which comes at most every 50 us, lets those pass who wait for it */
bool waits[2];
bool idle = true;        /* the P is on the idle list */
bool nextp[2];           /* the P is on its way to this M */
bool want[2];            /* the g waits for it */
byte users;
chan queue = [2] of { byte }; /* gs that wait for a P: the global queue */

inline flush(i)
{
	d_step {
		if
		:: pend[i] -> inrt[i] = buf[i]; pend[i] = false
		:: else
		fi
	}
}

inline set_inrt(i, v)
{
	d_step {
		if
		:: pend[i] -> inrt[i] = buf[i]
		:: else
		fi;
		buf[i] = v;
		pend[i] = true
	}
}

/* Buffers empty themselves, some time or never. */
active proctype memory()
{
end:	do
	:: d_step { pend[0] -> inrt[0] = buf[0]; pend[0] = false }
	:: d_step { pend[1] -> inrt[1] = buf[1]; pend[1] = false }
	od
}

/* Somebody's P, given away: to the first who waits, or to the idle list. */
inline handoff()
{
	byte j;
	if
	:: queue?[j] -> queue?j; assert(!nextp[j]); nextp[j] = true
	:: else -> assert(!idle); idle = true
	fi;
	j = 0
}

inline acquirep(i)
{
	assert(!hasp[i] && owner == NONE);
	hasp[i] = true;
	mark[i] = false;
	owner = i
}

inline releasep(i)
{
	assert(hasp[i] && owner == i);
	hasp[i] = false;
	owner = NONE
}

inline penter(i)
{
	set_inrt(i, 1);
	if
	:: mark[i] ->
#ifndef NOWAIT
		atomic { flush(i); waits[i] = true } /* a lock is a full fence */
		atomic { !deciding -> waits[i] = false }
#endif
	:: else
	fi
}

/* With inrt 1: queue up, without the P if there was one, and wait; execute is the pleave. */
inline waitforp(i)
{
	atomic {
		flush(i);
		want[i] = true;
		queue!i;
		if
		:: hasp[i] -> releasep(i); handoff()
		:: !hasp[i] && idle -> idle = false; handoff()
		:: else
		fi
	}
	atomic {
		nextp[i] -> nextp[i] = false;
		flush(i);
		acquirep(i);
		want[i] = false
	}
}

inline callpoint(i)
{
	if
	:: mark[i] ->
		penter(i);
		if
		:: atomic { !hasp[i] && idle -> flush(i); idle = false; acquirep(i) }
		:: else -> waitforp(i)
		fi;
		set_inrt(i, 0)
	:: else
	fi
}

inline use(i)
{
	if
	:: hasp[i] -> users++; assert(users == 1); assert(hasp[i] && owner == i); users--
	:: else
	fi
}

proctype m(byte i)
{
	mark[i] = true;
	do
	:: penter(i); use(i); set_inrt(i, 0); callpoint(i)       /* go, goready */
	:: callpoint(i)                                           /* a try call */
	::                                                        /* a park */
		penter(i);
		if
		:: atomic { hasp[i] && mark[i] -> flush(i); mark[i] = false }
		:: else
		fi;
		use(i);
		if
		:: waitforp(i)
		:: !hasp[i] -> assert(mark[i])                    /* refused: goes on without */
		fi;
		set_inrt(i, 0)
	:: break                                                  /* never calls again */
	od
}

proctype sysmon()
{
	byte i, seen;
end:	do
	:: owner != NONE ->
		atomic { i = owner; if :: i == NONE -> i = 0 :: else fi }
		atomic { !deciding && !waits[0] && !waits[1] -> deciding = true }
#ifndef NOMARK
		mark[i] = true;
#endif
#ifndef NOBARRIER
		flush(0);
		flush(1);
#endif
		seen = inrt[i];
		if
		:: LOOK(seen, i) ->
			assert(users == 0);
			hasp[i] = false;
			owner = NONE;
			deciding = false;
			atomic { handoff() }
		:: else -> deciding = false
		fi
	od
}

init { atomic { run m(0); run m(1); run sysmon() } }

/* Who runs code of the user's without the P finds out at his next call. */
#define outside(i) (inrt[i] == 0 && !pend[i])
#define nobodys (owner == NONE && !idle && !nextp[0] && !nextp[1])

ltl live { ([]<> !want[0]) && ([]<> !want[1]) }
ltl kept { []<> !nobodys }
