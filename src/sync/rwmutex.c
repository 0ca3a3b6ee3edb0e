/* garn_rwmutex: one word: the number of readers inside, WRITER (one is inside), WAITERS (the queue is not empty).
 *
 * 1. With WAITERS set nobody enters past the queue: readers wait behind a waiting writer, so no writer starves.
 * 2. The queue is served in order, by whoever makes room, under the root's lock: one writer, or all readers up to the next
 *    writer. Those who are let in are counted in the word before they are readied: nothing is left for them to do.
 * 3. Leaving is one atomic step; what it finds says whether to serve the queue. If so, there are waiters, and the
 *    object is alive; else it is not touched again.
 *
 * Go: two semaphores, two counters and a mutex; its Unlock touches the object after readers may have gone on. */

#include "core/throw.h"
#include "garn.h"
#include "sched/sched.h"
#include "sync/sema.h"
#undef errno

static const uint64_t READER = 1, WRITER = (uint64_t)1 << 62, WAITERS = (uint64_t)1 << 63;
enum { KIND_READER, KIND_WRITER };

static inline uint64_t *word(garn_rwmutex *rw)
{
	return rw->garn_opaque;
}

/* May one of this kind enter, the word being v? What the word is then. */
static inline bool enter(uint64_t v, uint32_t kind, uint64_t *to)
{
	*to = v + (kind == KIND_READER ? READER : WRITER);
	return kind == KIND_READER ? !(v & (WRITER | WAITERS)) : v == 0;
}

static inline bool tryenter(garn_rwmutex *rw, uint32_t kind)
{
	for (;;) {
		uint64_t v = load_rlx(word(rw)), to;
		if (!enter(v, kind, &to))
			return false;
		if (cas_acq(word(rw), v, to)) // acq[RW]
			return true;
	}
}

static void enterslow(garn_rwmutex *rw, uint32_t kind, enum waitreason why)
{
	const void *key = semakey(rw, SEMA_RWMUTEX);
	struct semaroot *root = semaroot(key);
	mustgetg();
	lock(&root->lock);
	for (;;) {
		if (tryenter(rw, kind)) {
			unlock(&root->lock);
			return;
		}
		uint64_t v = load_rlx(word(rw)), to;
		if (!enter(v, kind, &to) && cas_acqrel(word(rw), v, v | WAITERS)) // acq[RW] rel[RW]
			break;
	}
	sema_park(root, key, kind, 0, false, why);
}

/* The last one inside has left with WAITERS set: let in the next, or the next readers. */
static void serve(garn_rwmutex *rw)
{
	const void *key = semakey(rw, SEMA_RWMUTEX);
	struct semaroot *root = semaroot(key);
	struct g *list = NULL, **end = &list;
	uint64_t in = 0;
	bool more = true;
	lock(&root->lock);
	while (more) {
		struct sudog *sg = sema_first(root, key);
		if (!sg || (in && sg->ticket == KIND_WRITER))
			break;
		sg = sema_dequeue(root, key, &more);
		in += sg->ticket == KIND_READER ? READER : WRITER;
		sg->g->schedlink = NULL;
		*end = sg->g;
		end = &sg->g->schedlink;
		if (sg->ticket == KIND_WRITER)
			break;
	}
	store_rel(word(rw), in | (more ? WAITERS : 0)); // rel[RW]
	unlock(&root->lock);
	sema_readyall(list);
}

void garn_rwmutex_rlock(garn_rwmutex *rw)
{
	hard_yield();
	if (!tryenter(rw, KIND_READER))
		enterslow(rw, KIND_READER, WAIT_RWMUTEX_R);
}

void garn_rwmutex_lock(garn_rwmutex *rw)
{
	hard_yield();
	if (!tryenter(rw, KIND_WRITER))
		enterslow(rw, KIND_WRITER, WAIT_RWMUTEX_W);
}

void garn_rwmutex_runlock(garn_rwmutex *rw)
{
	uint64_t v = add_acqrel(word(rw), -READER); // rel[RW]
	uint64_t before = v + READER;
	if (unlikely((before & ~(WRITER | WAITERS)) == 0))
		fatal("sync: RUnlock of unlocked RWMutex");
	if (unlikely(v == WAITERS))
		serve(rw);
}

void garn_rwmutex_unlock(garn_rwmutex *rw)
{
	uint64_t v = load_rlx(word(rw));
	if (!(v & WRITER))
		fatal("sync: Unlock of unlocked RWMutex");
	v = and_acqrel(word(rw), ~WRITER); // rel[RW]
	if (unlikely(v == WAITERS))
		serve(rw);
}
