/* The scheduler among its own files. Everybody else sees sched.h. Behind each: where it runs (any: g, g0, foreign, helpers), what it holds. */
#ifndef SCHED_PROC_H
#define SCHED_PROC_H

#include "arch/arch.h"
#include <errno.h>
#include "core/gstatus.h"
#include "core/hard.h"
#include "core/lock.h"
#include "core/note.h"
#include "core/throw.h"
#include "os/os.h"
#include "sched/runq.h"
#include "sched/sched.h"

/* proc.c: dispatch */
void schedule(void);                             /* on g0, with a P; goes on in some g */
void execute(struct g *gp, bool inherit);        /* on g0 */
void goexit1(void);                              /* on the g that ends */
void runqput_p(struct p *pp, struct g *gp, bool next); /* on pp's M, inside penter; with overflow to the global queue */
void readylist(struct g *list);                  /* on g0, with or without a P: gs linked by schedlink */
void gopreempt(struct g *gp, bool home);         /* on gp, inside penter: it waits its turn; home: on its thread */
bool takep(struct m *mp, bool spin);             /* find.c: on mp, inside penter: an idle P, for an M that has none */
enum { PREEMPTED_MOST = 100 };                   /* threads that may wait only for being preempted */
enum { HOGS_MOST = 64 };                         /* threads that may compute without a P, unless GARN_MAXHOGS says other */
/* find.c */
struct g *findrunnable(struct m *mp, bool *inherit); /* on g0; sleeps until there is one */
int64_t runtimers(struct p *pp, int64_t now);    /* on g0: run what is due; returns now */

/* globq.c: the global queue. Holds sched.lock. */
void globrunqput(struct g *gp, bool hadslice);   /* on any */
void globrunqputbatch(struct gqueue *q);         /* on any */
bool globrunqscavenge(void);                     /* on any, holds no sched.lock: gives its memory back, when it is empty and was not */
struct g *globrunqget(struct p *pp, bool oldest); /* by pp's owner: one to run; not oldest: and a fair share into pp's ring, which is empty */

/* gfree.c */
void gfreeinit(void);                            /* before all else, once */
struct g *gfget(struct p *pp);                   /* on any; pp is the caller's, inside penter, or null; dies when memory is out */
void gfput(struct p *pp, struct g *gp);          /* on g0, with the P */
/* g.c */
void newproc(struct spawnframe *fr, uint32_t kind); /* on any */
struct g *newproc1(struct p *pp, struct spawnframe *fr, const void *args, uint32_t kind, uint8_t order); /* on any; pp as gfget's; made, not queued */
int64_t gcount(void);                            /* on any */
__attribute__((noreturn)) void stopforever(void); /* after garn_run: on g or g0 */

/* m.c */
void mcommoninit(struct m *mp);                  /* on any, holds no sched.lock */
void mhelperinit(struct m *mp);                  /* on any, holds no sched.lock */
void mhelper(struct m *mp);                      /* on mp's thread, first of all */
void mstart(void *mp);                           /* the start of every M's thread */
void mstart1(struct m *mp);                      /* with a P in nextp; never returns */
void startm(struct p *pp, bool spinning);        /* on any, holds no sched.lock; pp is nobody's, or null: any idle one */
void stopm(void);                                /* on g0, without a P; returns with one */
void mpark(struct m *mp);                        /* on g0, without a P; returns with one */
void wakep(void);                                /* on any, holds no sched.lock */
void wakep_maybe(struct p *pp);                  /* on pp's M, inside penter */
static inline void wakep_after_put(struct p *pp)
{
	asym_light(); // sc[WK]: the g is on the queue before the look
	if (unlikely(load_rlx(&sched.npidle) != 0 && load_rlx(&sched.nmspinning) == 0))
		wakep_maybe(pp);
}
void handoffp(struct p *pp);                     /* on any, holds no sched.lock; pp is nobody's */
void mstintover(struct m *mp);                   /* on g0 */
void mexit(struct m *mp);                        /* on g0, with the P: the thread of a tied g that ended; never returns */
void mspinning_drop(struct m *mp);               /* on g0 */
bool mletgo(int64_t now);                        /* on sysmon: end idle threads; are there some left to end later? */

/* p.c */
void procresize(int32_t n);                      /* on any, holds sched.lock */
void acquirep(struct m *mp, struct p *pp);       /* on mp: g0, or g inside penter; pp is nobody's */
struct p *releasep(struct m *mp);                /* as acquirep; or holds the retake lock */
void pidleput(struct p *pp);                     /* on any, holds sched.lock; a retired one is not listed */
struct p *pidleget(void);                        /* on any, holds sched.lock */
bool pretired(struct p *pp);                     /* on any */
void pdrain(struct p *pp);                       /* by pp's owner: its queue and caches go to the global ones */
void ppurge(struct p *pp);                       /* by pp's owner: its caches do */
void purgeall(void);                             /* on sysmon: those of all Ps, of the ones that run when they come to it */

/* lockos.c */
void stoplockedm(struct m *mp);                  /* on g0; returns with the P its g was found with */
void startlockedm(struct m *mp, struct g *gp);   /* on g0, with a P; returns with another */
void runlocked(struct p *pp, struct g *gp);      /* on any; pp is nobody's */
/* template.c */
void templateinit(void);                         /* on the first thread, once */
void newm(struct p *pp, bool spinning);          /* on any; pp is nobody's */
int helpernew(size_t stack, void (*fn)(void *), void *arg); /* as helperstart (sched.h), without a look at whether garn_run has returned */
/* sysmon.c */
void sysmoninit(void);                           /* on the first thread, once */
void wakesysmon(void);                           /* on any, holds sched.lock */
/* asleep.c */
bool computes(int tid, struct cpulook *last, int64_t now); /* on any: most of the time since the last look, which it notes */
bool asleep(int tid);                            /* on sysmon: in the kernel; false when unknown. Blocks for some 10 us */
/* dead.c */
void checkdead(void);                            /* on any, holds sched.lock; releases it when it dies */
void threadparks(void);                          /* on foreign: about to sleep in gopark, and may have been woken already */
/* foreign.c */
void foreigninit(void);                          /* on the first thread, once */
void mthreadkey(struct m *mp);                   /* on mp: notice when this thread ends; null: no more */

#endif
