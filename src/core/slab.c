/* Slabs: where objects come from that are needed in great numbers for a while, and how their memory goes back.
 *
 * A slab is memory for objects of one kind, which are cut from it one after the other. The first 4 MB of a kind are slabs of 128 KB, touched page by
 * page. A program that fills them is going to need more, and gets 2 MB at a time, in huge pages, as a page fault costs more than all the rest of
 * starting a goroutine. Each slab begins at a multiple of 2 MB.
 *
 * Free objects are in a P's cache or in their slab's list. Slabs that are in use are taken from first, so that others become free as a whole;
 * what was so for a second gives its pages back (sysmon), and its objects are made anew some day.
 *
 * 1. Addresses are never given back, nor to another kind: a stale pointer may be read (timers, dumps and who wins a select count on it),
 *    and finds what an object of that kind holds, or zeros.
 * 2. The first word of a slab, in front of its first object, is its address here, while any of its objects is made.
 * 3. Objects are taken from one slab of a kind (cur), as long as it has some. Any other is in the list that its counts say (listof); one whose
 *    pages are being given back is in none.
 * 4. `used` covers an object when it was made, and is 0 before its pages go: so who walks (slabnext) finds it made, or zeros.
 *
 * TSan's builds (SAN_KEPT) have one list for all, the oldest first, and give nothing back. HARD builds have slabs of few objects, and wait 20 ms:
 * so they come and go all the time.
 *
 * Go's persistentalloc gives nothing back. Rejected: the address of a slab in a table by the object's, or in each object (memory); its fields at
 * its beginning (a huge page would stay for them); unmapping slabs (stale pointers; holes count against vm.max_map_count). */

#include "core/slab.h"
#include "core/lock.h"
#include "core/throw.h"
#include "os/os.h"

enum { PAGE = 4096, SMALL = 128 << 10, SMALL_SLABS = 32, HEADERS = 64 << 10, HARD_OBJECTS = 64 };
static const int64_t COLD = HARD ? 20000000 : 1000000000;
enum { SOME, ALL, BLANK, NLISTS, NONE = NLISTS }; /* what is left of a slab: some; all, and some were made; all, and none was */

struct slab {
	struct slab *next;   /* A[GS]: of all of its kind */
	char *base;          /* I */
	void *free;          /* L */
	uint32_t used;       /* A[GS]: made so far, from the first; 0 again before its pages go */
	uint32_t nfree;      /* L */
	uint32_t room;       /* I: for so many */
	uint16_t pages;      /* I */
	uint16_t list;       /* L */
	struct slab *fwd, *back; /* L: of the list */
	int64_t since;       /* L: when one last came back */
} cache_aligned;

static struct slabs {
	struct lock lock;
	struct slabkind kind;        /* I */
	struct slab *oldest, *newest; /* A[GS], L */
	struct slab *cur;            /* L */
	struct slab *first[NLISTS], *last[NLISTS]; /* L */
	uint32_t nslabs;             /* L */
	struct { void *first, *last; uint32_t n; } kept; /* L: TSan's builds */
} slabs[NSLABS];

static struct {
	struct lock lock;
	struct slab *at, *end; /* L */
} headers = { .lock = LOCKINIT(RANK_LEAF) };

void slabinit(enum slabid id, const struct slabkind *kind)
{
	lockinit(&slabs[id].lock, RANK_SLAB);
	slabs[id].kind = *kind;
}

/* ---- Making them --------------------------------------------------------------------------------- */

/* The first one's place is the slab's own word. */
static inline void *object(const struct slabs *k, struct slab *s, uint32_t i)
{
	return s->base + (i + 1) * k->kind.size;
}

static inline struct slab *slabof(void *x)
{
	return *(struct slab **)((uintptr_t)x & -(uintptr_t)OS_HUGEPAGE);
}

static struct slab *newheader(void)
{
	lock(&headers.lock);
	if (headers.at == headers.end && (headers.at = os_mmap(HEADERS)))
		headers.end = headers.at + HEADERS / sizeof(struct slab);
	struct slab *s = headers.at;
	if (s)
		headers.at++;
	else
		headers.end = NULL;
	unlock(&headers.lock);
	return s;
}

/* Objects may hold the only pointers to what the user has allocated: LeakSanitizer is to look there. */
static void root(const void *p, size_t n)
{
#if SAN_ADDRESS
	void __lsan_register_root_region(const void *, size_t);
	__lsan_register_root_region(p, n);
#endif
	(void)p, (void)n;
}

/* Holds: k->lock, as all of these. */
static struct slab *newslab(struct slabs *k)
{
	bool small = k->nslabs < SMALL_SLABS;
	size_t n = HARD ? (HARD_OBJECTS * k->kind.size + PAGE - 1) & -(size_t)PAGE : small ? SMALL : OS_HUGEPAGE;
	char *base = os_mmapaligned(n, !small);
	struct slab *s = base ? newheader() : NULL;
	if (!s) {
		if (base)
			os_munmap(base, n);
		return NULL;
	}
	root(base, n);
	s->base = base;
	s->pages = (uint16_t)(n / PAGE);
	s->room = (uint32_t)(n / k->kind.size) - 1;
	s->list = NONE;
	store_rel(k->newest ? &k->newest->next : &k->oldest, s); // rel[GS]
	k->newest = s;
	k->nslabs++;
	return s;
}

static void *cut(struct slabs *k, struct slab *s)
{
	void *x = object(k, s, s->used);
	if (k->kind.made)
		k->kind.made(x);
	store_rel(&s->used, s->used + 1); // rel[GS]
	return x;
}

/* ---- Lists --------------------------------------------------------------------------------------- */

static uint32_t listof(struct slab *s)
{
	if (!s->used)
		return BLANK;
	return s->nfree == s->used ? ALL : s->nfree || s->used < s->room ? SOME : NONE;
}

static void leave(struct slabs *k, struct slab *s)
{
	if (s->list == NONE)
		return;
	*(s->back ? &s->back->fwd : &k->first[s->list]) = s->fwd;
	*(s->fwd ? &s->fwd->back : &k->last[s->list]) = s->back;
	s->list = NONE;
}

/* Where it belongs now. */
static void place(struct slabs *k, struct slab *s)
{
	uint16_t list = (uint16_t)listof(s);
	if (list == s->list)
		return;
	leave(k, s);
	s->list = list;
	if (list == NONE)
		return;
	s->fwd = NULL;
	s->back = k->last[list];
	*(s->back ? &s->back->fwd : &k->first[list]) = s;
	k->last[list] = s;
}

/* cur has nothing left, or there is none. */
static noinline struct slab *next(struct slabs *k)
{
	struct slab *s = k->first[SOME];
	if (!s)
		s = k->last[ALL] ? k->last[ALL] : k->last[BLANK];
	if (!s && !(s = newslab(k)))
		return NULL;
	leave(k, s);
	if (!s->used)
		*(struct slab **)s->base = s;
	return k->cur = s;
}

/* TSan's builds. */
static void *takeoldest(struct slabs *k)
{
	void *x = k->kept.first;
	k->kept.first = *(slablink *)x;
	k->kept.n--;
	return x;
}

static void putlast(struct slabs *k, void *x)
{
	*(slablink *)x = NULL;
	*(k->kept.n++ ? (slablink *)k->kept.last : (slablink *)&k->kept.first) = x;
	k->kept.last = x;
}

static inline void *take(struct slabs *k)
{
	struct slab *s = k->cur;
	if (SAN_THREAD && k->kept.n > SAN_KEPT)
		return takeoldest(k);
	if (unlikely(!s || (!s->free && s->used == s->room)) && !(s = next(k)))
		return NULL;
	void *x = s->free;
	if (unlikely(!x))
		return cut(k, s);
	s->free = *(slablink *)x;
	s->nfree--;
	return x;
}

/* When all of cur has come back and there are others in use, those are taken from: or it would never get cold. */
static inline void put(struct slabs *k, void *x, int64_t now)
{
	if (SAN_THREAD) {
		putlast(k, x);
		return;
	}
	struct slab *s = slabof(x);
	*(slablink *)x = s->free;
	s->free = x;
	s->nfree++;
	s->since = now;
	if (s == k->cur) {
		if (likely(s->nfree != s->used || !k->first[SOME]))
			return;
		k->cur = NULL;
	}
	if (s->list != SOME || s->nfree == s->used)
		place(k, s);
}

/* ---- To and from users, and Ps' caches ------------------------------------------------------------- */

void *slabnew(enum slabid id)
{
	struct slabs *k = &slabs[id];
	lock(&k->lock);
	void *x = take(k);
	unlock(&k->lock);
	return x;
}

void slabfree(enum slabid id, void *x)
{
	struct slabs *k = &slabs[id];
	lock(&k->lock);
	put(k, x, load_rlx(&sched.coarsenow));
	unlock(&k->lock);
}

noinline void *slabrefill(struct p *pp, enum slabid id)
{
	struct slabs *k = &slabs[id];
	void *more;
	lock(&k->lock);
	void *x = take(k);
	while (x && pp && pp->cache[id].n < slabmost(id) / 2 && (more = take(k)))
		slabpush(&pp->cache[id], more);
	unlock(&k->lock);
	return x;
}

noinline void slabspill(struct p *pp, enum slabid id, uint32_t keep)
{
	struct slabs *k = &slabs[id];
	struct slabcache *c = &pp->cache[id];
	void *x = c->first;
	for (uint32_t n = c->n; k->kind.idle && n > keep; n--, x = *(slablink *)x)
		k->kind.idle(x);
	int64_t now = load_rlx(&sched.coarsenow);
	lock(&k->lock);
	while (c->n > keep)
		put(k, slabpop(c), now);
	unlock(&k->lock);
}

void slabpurge(struct p *pp)
{
	for (int id = 0; id < NSLABS; id++)
		if (pp->cache[id].n)
			slabspill(pp, (enum slabid)id, 0);
}

void *slabnext(enum slabid id, struct slabcursor *at)
{
	struct slabs *k = &slabs[id];
	if (!at->slab)
		at->slab = load_acq(&k->oldest); // acq[GS]
	while (at->slab && at->i >= load_acq(&at->slab->used)) { // acq[GS]
		at->slab = load_acq(&at->slab->next); // acq[GS]
		at->i = 0;
	}
	return at->slab ? object(k, at->slab, at->i++) : NULL;
}

int64_t slabout(enum slabid id)
{
	struct slabs *k = &slabs[id];
	lock(&k->lock);
	int64_t n = -(int64_t)k->kept.n;
	for (struct slab *s = k->oldest; s; s = s->next)
		n += s->used - s->nfree;
	unlock(&k->lock);
	return n;
}

/* ---- Giving back --------------------------------------------------------------------------------- */

/* A slab that was free as a whole for long enough: nobody else's from here on. *n: so many were made of it; *later: there is one that was not. */
static struct slab *takecold(struct slabs *k, int64_t now, uint32_t *n, bool *later)
{
	lock(&k->lock);
	struct slab *s = k->first[ALL];
	if (!s && k->cur && listof(k->cur) == ALL)
		s = k->cur;
	*later |= s != NULL;
	if (s && now - s->since >= COLD) {
		leave(k, s);
		if (k->cur == s)
			k->cur = NULL;
		*n = s->used;
		store_rel(&s->used, 0); // rel[GS]
		s->nfree = 0;
		s->free = NULL;
	} else {
		s = NULL;
	}
	unlock(&k->lock);
	return s;
}

static void giveback(struct slabs *k, struct slab *s, uint32_t n)
{
	for (uint32_t i = 0; k->kind.gone && i < n; i++)
		k->kind.gone(object(k, s, i));
	os_unused(s->base, s->pages * (size_t)PAGE);
	lock(&k->lock);
	place(k, s);
	unlock(&k->lock);
}

bool slabscavenge(int64_t now, bool *later)
{
	for (struct slabs *k = slabs; k < slabs + NSLABS; k++) {
		uint32_t n;
		struct slab *s = takecold(k, now, &n, later);
		if (!s)
			continue;
		giveback(k, s, n);
		return true;
	}
	return false;
}
