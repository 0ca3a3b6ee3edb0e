/* Packing, src/sched/scan.c with src/os/away.c: one g that parks and runs, sysmon, which packs all the time, a thread that reads and writes a variable on
 * its stack, and one that hands memory there to the kernel. tests/e_pack_model.sh runs it.
 *
 * Memory is x86's: the store that marks the g running may wait in the store buffer of its M (one entry), loads pass it, locked operations come
 * after it. membarrier empties it. All other stores are sysmon's, which come before its membarrier, or locked.
 *
 * Shown: who runs finds his stack there and nobody at it; what others write there is not lost, and what they read is what was written last; the
 * kernel finds the page there.
 *
 * Mutations, which must fail: NOBARRIER (sysmon looks without membarrier), NOLOOK (who runs it does not look at scan), NOPINS (sysmon does not look at
 * them), NOHOLD (who pins does not look at scan), NOREADONLY (the page goes with what was written since it was copied), NOSHUT (it
 * goes while it can be read), NOTWHOLE (it comes back before it is filled), NOCAS (two put it back). */

mtype = { NONE, CLAIMED, BUSY, DONE, PACKED, /* g.scan */
          RW, RO, SHUT, GONE };               /* the page */

mtype scan = NONE, page = RW;
bool waiting;        /* g.status, as in memory */
bool buf, pend;      /* the store that waits */
byte pins;
byte var, last;      /* the variable; what was written last, modulo 4 */
byte copy;           /* in the arena */
byte records;        /* pieces of the arena that are in use for it */

inline flush()
{
	d_step {
		if
		:: pend -> waiting = buf; pend = false
		:: else
		fi
	}
}

inline setwaiting(v)
{
	d_step {
		if
		:: pend -> waiting = buf
		:: else
		fi;
		buf = v;
		pend = true
	}
}

active proctype memory()
{
end:	do
	:: d_step { pend -> waiting = buf; pend = false }
	od
}

/* PACKED -> BUSY -> DONE, by who was first. */
inline unpack()
{
#ifdef NOCAS
	scan == PACKED -> scan = BUSY;
#else
	atomic { scan == PACKED -> scan = BUSY }
#endif
	assert(records == 1);
#ifdef NOTWHOLE
	d_step { page = RW; var = 0 }
	var = copy;
#else
	d_step { page = RW; var = copy }
#endif
	records--;
	scan = DONE
}

#define SETTLED (scan == NONE || scan == CLAIMED || scan == DONE)

/* Not BUSY and not PACKED. */
inline there()
{
	do
	:: unpack()
	:: SETTLED -> break
	od
}

#define MINE assert(page == RW && scan != BUSY && scan != PACKED)

active proctype goroutine()
{
end:	do
	:: setwaiting(true);
	   /* parked; somebody has readied it */
	   setwaiting(false);
#ifndef NOLOOK
	   if
	   :: scan == NONE
	   :: scan != NONE ->
		do
		:: unpack(); flush()
		:: atomic { SETTLED -> flush(); scan = NONE; break }
		od
	   fi;
#endif
	   MINE;
	   atomic { MINE; assert(var == last); var = (var + 1) % 4; last = var }
	   MINE
	od
}

active proctype sysmon()
{
	bool go;
end:	do
	:: scan == NONE && waiting;
	   scan = CLAIMED;
#ifndef NOBARRIER
	   flush();
#endif
	   go = waiting;
#ifndef NOPINS
	   go = go && pins == 0;
#endif
	   if
	   :: atomic { scan == CLAIMED && go -> scan = BUSY };
	      if
	      :: scan = DONE /* too much on it, or the kernel refuses */
	      ::
#ifndef NOREADONLY
	         page = RO;
#endif
	         copy = var; records++;
#ifndef NOSHUT
	         page = SHUT;
#endif
	         var = 0; /* the page has gone, the marker is yet to come */
	         page = GONE;
	         scan = PACKED
	      fi
	   :: atomic { scan == CLAIMED && !go -> scan = NONE }
	   :: scan != CLAIMED
	   fi;
	   go = false
	od
}

/* By plain instructions: what cannot be read or written is a fault, then it is tried again. */
proctype user()
{
end:	do
	:: atomic { page == RW -> var = (var + 1) % 4; last = var }
	:: atomic { page == RW || page == RO -> assert(var == last) }
	:: page != RW -> there()
	od
}

active proctype caller()
{
end:	do
	:: atomic { pins++ }
#ifndef NOHOLD
	   do
	   :: there();
	      if
	      :: atomic { scan == CLAIMED -> scan = NONE; break }
	      :: scan != CLAIMED && scan != BUSY && scan != PACKED -> break
	      :: scan == BUSY || scan == PACKED
	      fi
	   od;
#endif
	   assert(page == RW);
	   atomic { assert(page == RW && var == last); var = (var + 1) % 4; last = var }
	   atomic { pins-- }
	od
}

init { run user(); run user() }
