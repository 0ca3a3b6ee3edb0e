/* The scheduler among its own files. Everybody else sees sched.h. */
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
void runqput_p(struct p *pp, struct g *gp, bool next); /* with overflow to the global queue */
void readylist(struct g *list);                  /* on g0, with or without a P: gs linked by schedlink */
void gopreempt(struct g *gp, bool home);         /* gp, which runs, inside penter, waits its turn; home: on its thread */
bool takep(struct m *mp, bool spin);             /* find.c: an idle P, for an M that has none */
enum { PREEMPTED_MOST = 100 };                   /* threads that may wait only for being preempted */
enum { HOGS_MOST = 64 };                         /* threads that may compute without a P, unless GARN_MAXHOGS says other */
/* find.c */
struct g *findrunnable(struct m *mp, bool *inherit); /* on g0; sleeps until there is one */
int64_t runtimers(struct p *pp, int64_t now);    /* on g0: run what is due; returns now */

/* globq.c: the global queue. Holds sched.lock. */
void globrunqput(struct g *gp, bool hadslice);
void globrunqputbatch(struct gqueue *q);
struct g *globrunqget(struct p *pp, bool oldest); /* one to run; not oldest: and a fair share into pp's ring, which is empty */

/* g.c */
struct g *malg(void);                            /* dies when memory is out */
struct g *gfget(struct p *pp);
void gfput(struct p *pp, struct g *gp);
void gfpurge(struct p *pp);
void newproc(struct spawnframe *fr, uint32_t kind);
struct g *newproc1(struct p *pp, struct spawnframe *fr, const void *args, uint32_t kind, uint8_t order); /* made, not queued */
int64_t gcount(void);
__attribute__((noreturn)) void stopforever(void); /* after garn_run: on g or g0 */

/* m.c */
void mcommoninit(struct m *mp);
void mhelperinit(struct m *mp);
void mhelper(struct m *mp);
void mstart(void *mp);                           /* the start of every M's thread */
void mstart1(struct m *mp);                      /* with a P in nextp; never returns */
void startm(struct p *pp, bool spinning);        /* pp may be null: any idle one */
void stopm(void);
void mpark(struct m *mp);
void wakep(void);
void wakep_maybe(struct p *pp);
static inline void wakep_after_put(struct p *pp)
{
	asym_light(); // sc[WK]: the g is on the queue before the look
	if (unlikely(load_rlx(&sched.npidle) != 0 && load_rlx(&sched.nmspinning) == 0))
		wakep_maybe(pp);
}
void handoffp(struct p *pp);
void mstintover(struct m *mp);
void mexit(struct m *mp);                        /* the thread of a tied g that ended */
void mspinning_drop(struct m *mp);
bool mletgo(int64_t now);                        /* end idle threads; are there some left to end later? */

/* p.c */
void procresize(int32_t n);                      /* holds sched.lock */
void acquirep(struct m *mp, struct p *pp);
struct p *releasep(struct m *mp);
void pidleput(struct p *pp);                     /* holds sched.lock; a retired one is not listed */
struct p *pidleget(void);                        /* holds sched.lock */
bool pretired(struct p *pp);
void pdrain(struct p *pp);                       /* its queue and caches go to the global ones */

/* lockos.c */
void stoplockedm(struct m *mp);
void startlockedm(struct m *mp, struct g *gp);
void runlocked(struct p *pp, struct g *gp);
/* template.c */
void templateinit(void);
void newm(struct p *pp, bool spinning);
/* sysmon.c */
void sysmoninit(void);
void wakesysmon(void);                           /* holds sched.lock */
/* dead.c */
void checkdead(void);                            /* holds sched.lock; releases it when it dies */
void threadparks(void);                          /* a thread not ours is about to sleep in gopark, and may have been woken already */
/* foreign.c */
void foreigninit(void);
void mthreadkey(struct m *mp);                   /* notice when this thread ends; null: no more */

#endif
