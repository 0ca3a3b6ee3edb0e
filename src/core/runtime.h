/* The nouns: g, m, p, sched. Structs and their field legend only; no prototypes of other folders.
 *
 *   g  a goroutine: a stack, a saved context, a status.
 *   m  a machine: a thread. Its own stack is g0, where the scheduler runs.
 *   p  a processor: the right to run goroutines, with the queues and caches that go with it.
 *
 * Who may touch a field, by its letter:
 *   I  set before the struct is published, then never
 *   G  only the running g itself, or whoever owns it while it does not run (dispatch hands it over)
 *   P  only the M that owns the P (or the P itself, for fields of g0 and m reached from there)
 *   M  only that M
 *   S  sched.lock
 *   L  the struct's own lock, or the lock of the object it is queued on
 *   A  atomic; the tag names the pair
 *   W  the winner of the wake-up: the one who took the g off its wait queue, until goready
 */
#ifndef CORE_RUNTIME_H
#define CORE_RUNTIME_H

#include "arch/arch.h"
#include "base/atomic.h"
#include "base/base.h"
#include <pthread.h>

struct g;
struct m;
struct p;

/* A runtime lock: see core/lock.h. */
struct lock {
	uint32_t key; /* A[LK]: 0 free, 1 held, 2 held and somebody may sleep */
#ifdef GARN_CHECK
	uint32_t rank;   /* I */
	struct m *owner; /* A: for asserts only */
#endif
};

/* A one-shot sleep: see core/note.h. */
/* A look at a thread's CPU clock (sched/asleep.c). */
struct cpulook {
	int64_t cpu, when;
};

struct note {
	uint32_t key; /* A[NT]: 0 clear, 1 woken */
};

struct stack {
	uintptr_t lo; /* lowest usable byte; the guard lies below */
	uintptr_t hi;
};

/* Status of a g. The table of transitions is in core/gstatus.h. */
enum gstatus {
	Gidle,     /* 0: just allocated, not set up */
	Grunnable, /* on a run queue, or about to be put there */
	Grunning,  /* on an M, with a P or (sched/retake.c) without */
	Gsyscall,  /* not used */
	Gwaiting,  /* parked; somebody who knows it must ready it */
	Gdead = 6, /* on a free list, or being set up */
};

enum waitreason {
	WAIT_NONE,
	WAIT_CHAN_RECV,
	WAIT_CHAN_RECV_NIL,
	WAIT_CHAN_SEND,
	WAIT_CHAN_SEND_NIL,
	WAIT_SELECT,
	WAIT_SELECT_NONE,
	WAIT_SLEEP,
	WAIT_SEMACQUIRE,
	WAIT_MUTEX,
	WAIT_RWMUTEX_R,
	WAIT_RWMUTEX_W,
	WAIT_COND,
	WAIT_WAITGROUP,
	WAIT_ONCE,
	WAIT_IO,
	WAIT_SIGNAL,
	WAIT_TIMER,
	NWAIT,
};

/* Who puts a packed stack back: who runs its g, a fault of somebody's, a waker, a call that hands memory on it to the kernel, sysmon. */
enum unpackby { UNPACK_RUN, UNPACK_FAULT, UNPACK_WAKE, UNPACK_PIN, UNPACK_SYSMON, NUNPACK };

/* An M that runs code of the user's without a P: how it was when the P was taken. */
enum stray { STRAY_NOT, STRAY_HOG, STRAY_ASLEEP };

/* A g in a queue of waiters. One g may be in many (select); then it has a sudog for each. */
struct sudog {
	struct sudog *next;     /* L */
	struct g *g;            /* I */
	struct sudog *prev;     /* L */
	void *elem;             /* L: the value's place, or a semaphore's address */
	void *c;                /* I: the channel, for select */
	struct sudog *waitlink; /* G: the next of the same g (select); L: the next waiter of the same address (sema), or group */
	struct sudog *waittail; /* L: sema: the last of waitlink's list */
	uint32_t ticket;        /* L: select: the generation it waits in; sema: what sort of waiter */
	uint16_t casei;         /* I: select: the case's position */
	bool isselect;          /* I: many sudogs compete for this g: the winner of g.selectdone wakes it */
	bool success;           /* W: woken by a value, not by close */
	union {
		int64_t acquiretime; /* L: sema: since when it waits, for starvation */
		size_t elemsize;     /* W: woken by close: what elem points to is to be zeroed, so many bytes */
	};
};

struct g {
	/* What a dispatch touches: one cache line. */
	struct gobuf sched;    /* G: offsets known to arch/. sp of a dead one: its link (core/slab.h) */
	struct m *m;           /* G: the M it runs on; known to arch/ */
	uint32_t status;       /* A: enum gstatus; written by its owner alone, read by dumps */
	uint8_t waitreason;    /* G, W */
	uint8_t stackorder;    /* G: see stack/stack.h */
	bool system;           /* I: the library's own: not counted, not shown */
	bool ended;            /* G: is in goexit: knows its thread no more */
	bool foreign;          /* I: stands for a thread that runs no goroutine; it parks as a thread */
	uint8_t scan;          /* A[SH]: sysmon looks at its stack, or has packed it: see sched/scan.c */
	bool pack;             /* G: its stack may be packed */
	uint32_t pins;         /* A[SH]: so many have handed memory on its stack to the kernel */
	struct start *start;   /* G: until it first runs: the call it is to make, if not in call; see sched/start.c */
	struct m *lockedm;     /* G: the M it is tied to */
	/* What its start and end touch: another. */
	struct stack stack;    /* G: from its first run to its end */
	uint64_t goid;         /* G */
	struct g *schedlink;   /* G, W: link in a list of gs about to be readied */
	uintptr_t gopc;        /* G: return address of the go that made it */
	uintptr_t startpc;     /* G: its function */
	uint64_t parentgoid;   /* G */
	const char *name;      /* G: garn_attr.name */
	/* What waiting touches. */
	union {
		struct sudog sudog;    /* G, then L: for every wait but select's; a parked g has at most one */
		struct spawncall call; /* G: until it first runs: the call it is to make */
	};
	struct sudog *param;   /* W: what woke it */
	uint32_t selectdone;   /* A[SD]: generation << 1 | won; the one who sets the low bit wakes the g */
	uint32_t lockedcount;  /* G: nested garn_lock_os_thread */
	int64_t waitsince;     /* G: when it parked, as sysmon's clock had it */
	struct timer *timer;   /* G: for sleep and select's timeout; made on first use, gone when the g is dead and no P has it */
	void *fiber;           /* G: TSan's idea of this g; ASan's fake stack while it does not run */
} cache_aligned;

struct m {
	struct g *g0;          /* I: offset known to arch/ */
	struct g *curg;        /* M */
	struct p *p;           /* M: the P it owns, or null */
	int *errnop;           /* I: this thread's errno */
	uintptr_t *limit;      /* A: its limit for code compiled with -fsplit-stack; null under the retake lock when it ends */
	bool (*waitunlockf)(struct g *, void *); /* M: for park_m */
	void *waitlock;        /* M */
	uint32_t inrt;         /* A[RT]: > 0 in the scheduler, on whatever stack: sysmon leaves it its P; see sched/retake.c */
	uint32_t mark;         /* A[RT]: sysmon wants its P, or has taken it */
	uint32_t insyscall;    /* A: between entersyscall and exitsyscall */
	uint8_t stray;         /* A: enum stray; written under the retake lock */
	bool left;             /* M: a goroutine has parked here, and may be alive */
	bool inherit;          /* M: the g being dispatched shares the slice of the last one */
	bool spinning;         /* M: out of work and looking for some */
	bool sysm;             /* I: not counted in checkdead (sysmon, template thread) */
	bool extra;            /* I: belongs to a thread that is not ours */
	struct m *nextstray, **atstray; /* L: the list of strays (sched/retake.c) */
	struct cpulook straylook; /* sysmon only: how much it had computed when that was last looked at */
	struct p *nextp;       /* S until woken: the P it is to run with */
	struct g *lockedg;     /* M: the g tied to it */
	struct m *schedlink;   /* S: link of idle Ms */
	struct note park;      /* wakes it from stopm */
	uint64_t fastrand;     /* M */
	int64_t wokeat;        /* M: since when it has not slept */
	int64_t idlesince;     /* S: since when it is in midle */
	int64_t id;            /* I */
	int tid;               /* I */
	pthread_t thread;      /* I */
	void **end;            /* I: where the thread goes to end (m.c) */
	uint32_t locks;        /* M: runtime locks held, for asserts */
	uint32_t heldranks;    /* M: which ranks, for asserts */
	struct spawnframe startframe; /* M: the registers of the g that is about to start */
	struct g g0s;          /* the g0 itself; of a foreign thread: the g that stands for it */
};

/* What timers a P has: see timer/timer.h. */
struct timers {
	struct lock lock;
	int32_t zombies;      /* A: about how many entries are dead; a sweep sets it right */
	int64_t minwhen;      /* A: earliest deadline, 0 for none; written under lock */
	struct heapent *heap; /* L */
	uint32_t len;         /* A: written under lock */
	uint32_t cap;         /* L */
	uint32_t peak;        /* L: longest since pages were given back */
	uint32_t id;          /* I: its number in stamps */
	uint64_t order;       /* L: the last stamp's */
};

enum pstatus { Pidle, Prunning, Pdead = 4 };

enum { RUNQ = 256, GOID_BATCH = 16, MAXPROCS = 1024, NORDERS = 17, STACK_BATCH = 16 };

struct runq {
	/* Thieves write head; the owner writes the rest. */
	cache_aligned uint32_t head; /* A[RQ2]: taken by compare-and-swap by anybody */
	cache_aligned uint32_t tail; /* A[RQ1]: written by the owner */
	struct g *next;              /* A[RQ3]: runs before the queue; put there by the owner, taken by anybody */
	struct g *ring[RUNQ];        /* A: slots between head and tail are published by tail */
};

/* Kinds of objects (core/slab.h): start records are of three sizes. */
enum slabid { SLAB_G, SLAB_START, SLAB_SUDOG = SLAB_START + 3, SLAB_TIMER, NSLABS };

struct slabcache {
	void *first;
	uint32_t n;
};

struct p {
	int32_t id;            /* I */
	uint32_t status;       /* S to change, A to look */
	struct m *m;           /* A: its M, for dumps */
	struct p *link;        /* S: idle list */
	uint32_t schedtick;    /* P, A to look: one per slice: not for a g that inherits */
	uint32_t dispatches;   /* P, A to look: one per schedule */
	uint32_t sliceover;    /* A: sysmon or overflow found the slice used up; runnext goes to the tail */
	uint32_t spilltick, nspills; /* P: the last dispatch whose g overflowed the ring, and how often */
	int64_t ngs;           /* P, A to look: gs made here less gs ended here */
	uint64_t goidcache, goidcacheend; /* P */
	struct slabcache cache[NSLABS]; /* P: dead gs, free start records and sudogs */
	struct { uintptr_t head; uint32_t n; } stacks[NORDERS]; /* P: free stacks by order, see stack/stack.c */
	uintptr_t batches[NORDERS]; /* P: a batch of them beside, or 0 */
	bool newmspinning;     /* with the P, on its way to a new M */
	uint32_t purge;        /* A: sysmon wants its caches emptied */
	uint64_t fastrand;     /* P */
	struct timers timers;
	/* sysmon's notes from its last look; sysmon only */
	uint32_t sm_still;
	uint32_t sm_schedtick;
	uint32_t sm_dispatches;
	int64_t sm_when;
	struct cpulook sm_cpu;
	struct runq runq;
};

struct sched {
	struct lock lock;
	/* Ms */
	struct m *midle;       /* S */
	int32_t nmidle;        /* S */
	int32_t nmidlelocked;  /* A: tied Ms waiting for their g */
	int32_t nmsys;         /* S: Ms not counted in checkdead */
	struct m *mfree;       /* S: of threads that have ended, by schedlink */
	int32_t nmspare;       /* S: ms without a thread, made for one that was refused */
	int64_t mnext;         /* S: Ms made so far */
	int64_t nmfreed;       /* S: Ms gone */
	int64_t nletgo;        /* S: of these, idle ones that nobody needed */
	int32_t maxmcount;     /* S */
	int32_t nforeign;      /* S: threads not ours that have an extra m */
	int64_t thrparks, thrwakes; /* A[DT]: how often such a thread fell asleep in gopark, and was woken; see dead.c */
	/* Ps */
	struct p *allp[MAXPROCS]; /* A[AP]: made once, never freed */
	int32_t nallp;            /* A[AP] */
	int32_t gomaxprocs;       /* S to write, A to read */
	struct p *pidle;          /* S */
	cache_aligned int32_t npidle;     /* A[WK]: written under lock */
	int32_t nmspinning;       /* A[WK] */
	int32_t runqsize;         /* A: gs in the global queue (sched/globq.c); written under lock */
	/* Gs */
	uint64_t goidgen;      /* A */
	int64_t ngsys;         /* A: system gs alive */
	/* The M that sleeps until the next timer */
	int64_t polluntil;     /* A[PU]: when the poller wakes by itself; 0 for never or no poller */
	uint32_t polling;      /* A[PU]: an M blocks in the poller */
	/* sysmon */
	struct note sysmonnote;
	uint32_t sysmonwait;   /* S to set, A: sysmon sleeps on its note */
	uint32_t sysmonfast;   /* A: sysmon looks again within 100 us or so */
	uint32_t deadcheck;    /* A: a deadlock may show when a thread that is not ours ends: sysmon asks again */
	uint32_t mrefused;     /* A: a thread was refused when no M was asleep: sysmon asks for one again when all Ps are idle; until one was made */
	int32_t noutside;      /* S: what outside may yet ready a goroutine: signals listened for, helpers' calls */
	uint32_t orphans;      /* A: timers are due on a P that nobody runs */
	int64_t coarsenow;     /* A: the time when sysmon last looked */
	uint32_t watch;        /* A: somebody left a wake-up to sysmon: stay fast */
	int32_t nstray, nhogs; /* A: Ms that run code of the user's without a P; those that computed; written under the retake lock */
	uint64_t nshrunk;      /* A: stacks whose unused pages were given back while their g waited */
	uint32_t packing;      /* A: a g may be packed, or there will be such */
	bool packall;          /* I: GARN_PACK: all of them */
	int64_t packafter;     /* I: when they have waited for so long, ns */
	uint64_t npacked, nunpacked[NUNPACK]; /* A: stacks packed so far; unpacked, by whom */
	uint64_t nretakes;     /* A: Ps taken from who ran, so far; written under the retake lock */
	int32_t maxhogs;       /* I: GARN_MAXHOGS */
	int64_t quiet, quietuntil; /* A: waking another M was not worth it lately: how long to wait, and until when */
	int64_t ngs;           /* A: as p.ngs, for spawns from threads without a P */
	/* Life */
	uint32_t started;      /* A: 0 not yet, 1 up, 2 garn_run has returned, 3 in a forked child */
	bool embedded;         /* I: started by garn_run in a program with a main of its own */
	uint32_t dying;        /* A: fatal error being printed */
	int64_t starttime;     /* I */
	int64_t traceevery;    /* I: how often sysmon prints a line, in ns; 0 for never */
	int32_t basethreads;   /* I: threads that will never call us: see schedinit.c */
};

extern struct sched sched;
extern struct m m0;

/* Addresses of functions above core/, set in schedinit: the only upward calls. */
struct hooks {
	void (*traceback)(struct g *gp);     /* print the trace of gp (null: the caller's own) on stderr */
	void (*tracebackothers)(struct g *me); /* print every other goroutine */
	void (*overflow)(struct g *gp);      /* gp's stack is full: say so and die. On g0 */
	void (*schedtrace)(void);            /* print how the scheduler stands on stderr */
	void (*ending)(void);                /* the program's main has returned; may be null */
	void (*sigaltinit)(void);            /* an alternate signal stack for this thread */
	void (*deadlock)(const char *msg);   /* print msg and every goroutine, and die */
	bool (*faultsours)(void);            /* does a fault come to us? */
};
extern struct hooks hooks;

/* What arch/ knows of g and m. */
_Static_assert(offsetof(struct g, sched) == 0 && offsetof(struct g, m) == ARCH_G_M, "see arch/arch.h");
_Static_assert(offsetof(struct m, g0) == ARCH_M_G0 && offsetof(struct m, curg) == ARCH_M_CURG, "see arch/arch.h");

#endif
