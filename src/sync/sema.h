/* Waiting by address: who waits for what, in a table of roots. The ground of mutex, sem, rwmutex, once.
 *
 * An address is only a key: nothing here reads or writes what it points to. So a waker may still be in here after
 * the object it woke for is gone, and another one made in its place. If that one is of the same kind, a waiter of it may be
 * woken for nothing, which mutex and sem expect; for the others the kind is part of the key (semakey). */
#ifndef SYNC_SEMA_H
#define SYNC_SEMA_H

#include "core/lock.h"
#include "core/runtime.h"
#include "garn.h"

struct semaroot {
	struct lock lock;
	struct sudog *tree; /* L: by hashed address; next and prev are left and right; each heads a list of waiters */
} cache_aligned;

enum { SEMAROOTS = 256 };
extern struct semaroot semaroots[SEMAROOTS];

/* The lowest two bits of these objects' addresses are 0. A mutex is its own key. */
enum semakind { SEMA_MUTEX, SEMA_SEM, SEMA_RWMUTEX, SEMA_ONCE };
static inline const void *semakey(const void *object, enum semakind kind)
{
	return (const char *)object + kind;
}

static inline struct semaroot *semaroot(const void *addr)
{
	struct semaroot *root = &semaroots[garn_mutex_root_(addr)];
#ifdef GARN_CHECK
	store_rlx(&root->lock.rank, RANK_SEMA);
#endif
	return root;
}

/* Put sg at the end (first: the front) of addr's waiters; addr is a key, here and below.
 * Runs on: any, this and the next two. Holds: root->lock. */
void sema_enqueue(struct semaroot *root, const void *addr, struct sudog *sg, bool first);
/* The first waiter of addr, taken off; null when there is none. *more: others still wait. Holds root->lock. */
struct sudog *sema_dequeue(struct semaroot *root, const void *addr, bool *more);
/* The first waiter of addr, left where it is. Holds root->lock. */
struct sudog *sema_first(struct semaroot *root, const void *addr);
/* Enqueue the calling g with its own sudog and park it; root->lock is held and released. kind and since end up in
 * the sudog (ticket, acquiretime). Returns sudog.success as the waker left it.
 * Runs on: g, foreign. May park. */
bool sema_park(struct semaroot *root, const void *addr, uint32_t kind, int64_t since, bool first, enum waitreason why);
/* Take every waiter of addr off: a list by g.schedlink for sema_readyall. Runs on: any. Holds: root->lock. */
struct g *sema_dequeueall(struct semaroot *root, const void *addr);
/* Runs on: any. Holds: no runtime lock. */
void sema_readyall(struct g *list);

/* Once, after osinit has tried membarrier (mutex.c). */
void mutexinit(void);

#endif
