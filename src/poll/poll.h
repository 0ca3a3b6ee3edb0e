/* Descriptors below the scheduler: which are watched, who waits for them, and the wait of the last idle M. Nobody is readied
 * here: whom an event wakes comes back as a list, linked by schedlink. */
#ifndef POLL_POLL_H
#define POLL_POLL_H

#include "core/lock.h"
#include "core/runtime.h"
#include <sys/types.h>

/* ---- Asking (poll.c) ---- */

/* Sleep until the time `until` (INT64_MAX: no limit), an event, or pollbreak. At most one M at a time. May return early.
 * Whom the events wake comes back. Runs on: g0. Holds: nothing. */
struct g *pollwait(int64_t until);
/* The same without sleeping; null, too, while another thread asks. Runs on: g0. Holds: nothing. */
struct g *pollnow(void);
/* End the present pollwait, or the next one if none is under way. Runs on: any. */
void pollbreak(void);
/* Did nobody ask for ns? Runs on: any. */
bool pollstale(int64_t now, int64_t ns);

/* How many gs wait for descriptors, or are about to or have just done so: counted by themselves, around their park. With
 * none there is nothing to ask. */
extern int32_t npollwaiters; /* A[PW] */
static inline bool pollwanted(void)
{
	return load_rlx(&npollwaiters) != 0;
}

/* ---- Poll descriptors (desc.c) ---- */

enum pollmode { POLL_R, POLL_W };
/* What pollword says, besides the address of the g that waits. */
enum { POLL_NIL, POLL_READY, POLL_WAIT };

/* One who waits for several descriptors, in the list of one of them. On the waiter's stack; g.selectdone decides who wakes it. */
struct pollwaiter {
	struct pollwaiter *next, **link; /* L: of the descriptor's list */
	struct g *g;                     /* I */
	uint32_t gen;                    /* I: g.selectdone's until it is parked; then it is gen + 2 */
	uint32_t events;                 /* I: EPOLLIN and so on */
};

/* One for each number a descriptor may have; made on first use, never freed. What belongs to the file that has the number
 * now is told from what belonged to earlier ones by gen. */
struct polldesc {
	uintptr_t word[2];    /* A[PG]: by mode: see desc.c */
	int32_t fd;           /* I */
	uint32_t gen;         /* L to write, A to look: the registration's number; events of others are stale */
	bool registered;      /* L: we have told epoll; whether it still holds is another matter */
	uint8_t want;         /* L to write, A to look: bits by mode: who waits, or is about to */
	uint8_t standing;     /* L to write, A to look: bits by mode: what stays told between waits */
	uint8_t ended;        /* A: there was an event of more than data and room; written before the word is made READY */
	struct pollwaiter *waiters; /* L to write, A[PL] to look */
	struct lock lock;
	/* For io/; poll/ leaves these alone. */
	uint8_t kind;         /* A: a guess at what the file is: see io/fd.h */
	uint8_t starved;      /* A: how often accept in a row found no descriptor free */
	uint32_t files;       /* A[FN]: how many the library made with this number */
	uint8_t own;          /* A: the library made the file, or connected it: see io/standing.c */
	uint8_t late[2];      /* A: errno for the next call of that mode; written with its half of mu */
	ino_t lateino[2];     /* the file it was said of. Holds: the same */
	uint8_t dry;          /* A: the last read got less than it asked for; written with the read half of mu */
	struct relied {
		uint32_t waits[2];         /* A[PS]: how many there were; written with the mode's half of mu */
		uint32_t seen[2], checked[2]; /* I to all but who looks after: waits as of the last look, of the last check */
		uint32_t listed;           /* A[PS] */
		int64_t when;              /* I to all but who has it in hand: the next look */
		struct polldesc *next;     /* L: of io/standing.c */
	} relied;
	uint32_t info;        /* A[PI]: closing, past deadlines: written under lock */
	uint64_t mu;          /* A[FD]: see io/fd.c */
	uint32_t closes;      /* A[FC]: how many there were: written by the closer */
	uint64_t sema[3];     /* A: who waits for mu: readers, writers, the closer */
	struct deadline {
		struct timer *t;  /* L: made on first use, kept */
		int64_t when;     /* L to write, A to look: 0 for none */
		uint32_t seq;     /* L: the present deadline's; timers of others are stale */
	} deadline[2];
} cache_aligned;

/* The poll descriptor of a number; null when there cannot be such a number, or no memory. Runs on: any. Never parks. */
struct polldesc *polldesc(int fd);
/* Have an event come as soon as the file is ready for mode, or now if it is. 0, or -errno: -EPERM when files of this
 * kind are always ready, other values when nobody would wake the caller. Runs on: g, foreign. Never parks. */
int pollarm(struct polldesc *pd, enum pollmode mode);
/* The same, and it stays told: who waits for this mode later need not tell. */
int pollstand(struct polldesc *pd, enum pollmode mode);
/* Tell once more what has been told. 0; -ENOENT: the number is another file's: nothing stands now, but all has been told of that one;
 * or -errno, and nothing stands. */
int pollrestand(struct polldesc *pd);
/* The caller of pollarm no longer waits. */
void polldisarm(struct polldesc *pd, enum pollmode mode);
/* Put w into pd's list, and have an event come. 0 or -errno; then it is not in the list. */
int pollwatch(struct polldesc *pd, struct pollwaiter *w);
void pollunwatch(struct polldesc *pd, struct pollwaiter *w);
/* Events of the file that has the number now are stale from here on: it is about to be closed, or is new. */
void pollforget(struct polldesc *pd);
/* Wake all who watch pd through a list: the file goes away. Adds them to list. */
struct g *pollwakewaiters(struct polldesc *pd, uint32_t events, struct g *list);

/* What happens before the first look at the file: forget that it was ready once. Holds: the mode's half of mu. */
static inline void pollprepare(struct polldesc *pd, enum pollmode mode)
{
	if (load_rlx(&pd->word[mode]) == POLL_READY)
		cas_rlx(&pd->word[mode], POLL_READY, POLL_NIL);
}
/* Say that this g is going to wait. False: it need not, the file has become ready. Holds: the mode's half of mu. */
bool pollblock(struct polldesc *pd, enum pollmode mode);
/* An unlockf for gopark: word is &pd->word[mode]. */
bool pollcommit(struct g *gp, void *word);
/* After the park, or instead of it. Holds: the mode's half of mu. */
void pollunblocked(struct polldesc *pd, enum pollmode mode);
/* Take the g that waits, or null. ready: for an event, which is remembered if nobody waits; else for closing and deadlines.
 * Runs on: any. Never parks. */
struct g *pollunblock(struct polldesc *pd, enum pollmode mode, bool ready);
/* The poll descriptor of an event, and whom it wakes added to list. Runs on: g0. */
struct g *pollevent(uint64_t data, uint32_t events, struct g *list);

/* The epoll descriptor, made on first use; or -errno. Runs on: any. Never parks. */
int pollfd_get(void);
/* The data of events that only break a sleep. */
#define POLL_BREAK (~(uint64_t)0)

#endif
