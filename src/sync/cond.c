/* garn_cond: waiters in the order in which they came, under a lock of its own.
 *
 * 1. A waiter is in the queue before its mutex is unlocked, so a signal sent with the mutex held finds it; a g that comes to wait
 *    after a signal stands behind, and cannot take it.
 * 2. The mutex is unlocked on g0, after the g is marked waiting and the cond's lock is released. */

#include "core/lock.h"
#include "core/throw.h"
#include "garn.h"
#include "sched/san.h"
#include "sched/sched.h"
#include "sync/sema.h"
#include "sync/sudog.h"
#undef errno

struct cond {
	struct lock lock;
	struct waitq q; /* L */
	void *self;     /* A: its address when first used: a copy is found out */
};
_Static_assert(sizeof(struct cond) <= sizeof(garn_cond), "garn_cond is too small");

struct condwait {
	struct cond *c;
	garn_mutex *m;
};

static struct cond *cond(garn_cond *gc)
{
	struct cond *c = (struct cond *)gc;
	void *none = NULL;
	if (load_rlx(&c->self) != c && !cas_rlx(&c->self, none, (void *)c) && load_rlx(&c->self) != c)
		panic("sync.Cond is copied");
#ifdef GARN_CHECK
	store_rlx(&c->lock.rank, RANK_COND);
#endif
	return c;
}

g0func static bool condcommit(struct g *gp, void *arg)
{
	struct condwait w = *(struct condwait *)arg;
	(void)gp;
	unlock(&w.c->lock);
	garn_mutex_unlock(w.m);
	return true;
}

void garn_cond_wait(garn_cond *gc, garn_mutex *m)
{
	struct cond *c = cond(gc);
	struct g *gp = mustgetg();
	struct sudog *sg = &gp->sudog;
	struct condwait w = { c, m };
	if (load_rlx(m->garn_opaque) == 0) /* said here, and not on g0, where the unlock is */
		fatal("sync: unlock of unlocked mutex");
	sg->g = gp;
	sg->isselect = false;
	lock(&c->lock);
	waitq_put(&c->q, sg);
	san_release(&c->lock.key);
	san_release(m);
	gopark(condcommit, &w, WAIT_COND);
	garn_mutex_lock(m);
}

void garn_cond_signal(garn_cond *gc)
{
	struct cond *c = cond(gc);
	mustgetg();
	lock(&c->lock);
	struct sudog *sg = waitq_get(&c->q);
	unlock(&c->lock);
	if (sg)
		goready(sg->g);
}

void garn_cond_broadcast(garn_cond *gc)
{
	struct cond *c = cond(gc);
	struct g *list = NULL, **end = &list;
	mustgetg();
	lock(&c->lock);
	for (struct sudog *sg; (sg = waitq_get(&c->q));) {
		sg->g->schedlink = NULL;
		*end = sg->g;
		end = &sg->g->schedlink;
	}
	unlock(&c->lock);
	sema_readyall(list);
}
