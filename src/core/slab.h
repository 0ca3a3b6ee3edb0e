/* Objects of a few kinds in great numbers: descriptors of goroutines, start records, sudogs, timers. See slab.c. */
#ifndef CORE_SLAB_H
#define CORE_SLAB_H

#include "core/runtime.h"

/* What differs between kinds. The functions may be null. */
struct slabkind {
	size_t size;            /* of one, a multiple of 8 */
	void (*made)(void *x);  /* x is about to be used for the first time, its memory all zeros. Holds the kind's lock */
	void (*idle)(void *x);  /* x is about to leave a P's cache. Holds no lock of this file's */
	void (*gone)(void *x);  /* x, free, is about to become zeros. On sysmon */
};

/* Before the first use of a kind. Runs on: the first thread, before there are others. */
void slabinit(enum slabid id, const struct slabkind *kind);
/* One from the slabs; null when there is no memory. It holds what it held when it was freed, but for its first word. Runs on: any. Never parks. */
void *slabnew(enum slabid id);
void slabfree(enum slabid id, void *x); /* as slabnew */
/* Half of a cache comes from the slabs, and one for the caller; or all but `keep` go there. By pp's owner; pp may be null. */
void *slabrefill(struct p *pp, enum slabid id);
void slabspill(struct p *pp, enum slabid id, uint32_t keep);
/* Empty pp's caches. By pp's owner. */
void slabpurge(struct p *pp);
/* One slab that was free as a whole for a second gives its pages back. False: there was none; *later: there will be. Runs on: sysmon. */
bool slabscavenge(int64_t now, bool *later);
/* All that were made since their pages were last given back, free ones included, one after the other from a cursor of zeros on; null
 * after the last, and then from the first. Runs on: any; they may change meanwhile, and become zeros. */
struct slabcursor {
	struct slab *slab;
	uint32_t i;
};
void *slabnext(enum slabid id, struct slabcursor *at);
/* How many are not in the slabs: in use, or in caches. Runs on: any. */
int64_t slabout(enum slabid id);

/* The most a P keeps of them. (A select takes a sudog for each case.) TSan's builds keep none: see SAN_KEPT. */
static inline uint32_t slabmost(enum slabid id)
{
	return SAN_THREAD ? 0 : id == SLAB_SUDOG ? 128 : 64;
}

/* A free object's link is its first word, whatever that is otherwise. */
typedef void *__attribute__((may_alias)) slablink;

static inline void *slabpop(struct slabcache *c)
{
	void *x = c->first;
	c->first = *(slablink *)x;
	c->n--;
	return x;
}

static inline void slabpush(struct slabcache *c, void *x)
{
	*(slablink *)x = c->first;
	c->first = x;
	c->n++;
}

/* The same through pp's cache. pp is the caller's, inside penter, or null. Runs on: any. Never parks. */
static inline void *slabget(struct p *pp, enum slabid id)
{
	if (unlikely(!pp || !pp->cache[id].first))
		return slabrefill(pp, id);
	return slabpop(&pp->cache[id]);
}

/* pp is not null. */
static inline void slabput(struct p *pp, enum slabid id, void *x)
{
	slabpush(&pp->cache[id], x);
	if (unlikely(pp->cache[id].n > slabmost(id)))
		slabspill(pp, id, slabmost(id) / 2);
}

#endif
