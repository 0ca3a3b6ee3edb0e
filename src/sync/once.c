/* garn_once: 0 not yet, RUNNING, DONE; WAITERS beside RUNNING. The exchange to DONE is the last touch. */

#include "garn.h"
#include "sched/sched.h"
#include "sync/sema.h"
#undef errno

enum { RUNNING = 1, DONE = 2, WAITERS = 4 };

static void waitdone(garn_once *o)
{
	const void *key = semakey(o, SEMA_ONCE);
	struct semaroot *root = semaroot(key);
	mustgetg();
	lock(&root->lock);
	for (;;) {
		uint32_t v = load_acq(o->garn_opaque); // acq[ON]
		if (v & DONE) {
			unlock(&root->lock);
			return;
		}
		if (v & WAITERS || cas_acqrel(o->garn_opaque, v, v | WAITERS)) // acq[ON]
			break;
	}
	sema_park(root, key, 0, 0, false, WAIT_ONCE);
}

void garn_once_do(garn_once *o, void (*fn)(void))
{
	if (likely(load_acq(o->garn_opaque) == DONE)) // acq[ON]
		return;
	if (!cas_acq(o->garn_opaque, 0, RUNNING)) { // acq[ON]
		waitdone(o);
		return;
	}
	fn();
	if (!(xchg_acqrel(o->garn_opaque, DONE) & WAITERS)) // rel[ON]
		return;
	const void *key = semakey(o, SEMA_ONCE);
	struct semaroot *root = semaroot(key);
	lock(&root->lock);
	struct g *list = sema_dequeueall(root, key);
	unlock(&root->lock);
	sema_readyall(list);
}
