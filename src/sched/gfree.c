/* Descriptors of goroutines: where they come from, the caches of dead ones, the list of all.
 *
 * They are cut from slabs of 2 MB of their own, away from the stacks: dumps walk them without touching a stack, and an idle stack's
 * page can go while its g stays. The first slabs are touched page by page; a program that fills them is going to need more, and gets
 * huge pages, as a page fault costs more than all the rest of starting a goroutine.
 *
 * Dead gs are in a P's cache, or in their slab's list. Slabs that are in use are taken from first, so that others become free
 * as a whole; one that was so for a second gives its pages back (gscavenge), and its gs are made anew some day.
 *
 * 1. The addresses of a g are never anything else's: a stale pointer to one is harmless to read (timers and dumps count on it).
 * 2. g.selectdone never comes back to a value it had: a g made anew begins above all that were ever given up (generation). So who
 *    still holds an old one (a timer's call on its way) wins nothing.
 * 3. A slab is in the list that its count of free gs says (listof), under sched.gflock; the one that is being cut is never given back.
 *
 * TSan's builds (SAN_KEPT) have one list for all, the oldest first, and give nothing back. */

#include "core/persistent.h"
#include "os/os.h"
#include "sched/g.h"
#include "sched/proc.h"
#include "sched/san.h"
#include "stack/stack.h"
#include "timer/timer.h"

enum { SMALL_GS = 256, SMALL_SLABS = 2 };
enum { SOME, ALL, NLISTS, NONE = NLISTS };

struct gslab {
	struct gslab *next;  /* A[GS]: of all slabs */
	struct g *gs;        /* I */
	uint32_t n;          /* I: so many */
	uint32_t used;       /* A[GS]: handed out so far, from the first; 0 again after its pages were given back */
	struct g *free;      /* gflock: by schedlink */
	uint32_t nfree;      /* gflock */
	uint32_t list;       /* gflock */
	struct gslab *fwd, *back; /* gflock: of that list */
	int64_t since;       /* gflock: when it became free as a whole */
	struct gslab *blank; /* L: of those whose pages were given back */
} cache_aligned;

static struct {
	struct lock lock;
	struct gslab *first, *last; /* A[GS], L */
	struct gslab *cut;   /* L to write, A to look: the one that is being cut */
	struct gslab *blank; /* L */
	uint32_t nslabs;     /* L */
	uint32_t generation; /* A */
} allg = { .lock = LOCKINIT(RANK_ALLG) };

/* ---- Making them --------------------------------------------------------------------------------- */

static struct gslab *newslab(void)
{
	struct gslab *s = persistentalloc(sizeof *s);
	size_t n = OS_HUGEPAGE / sizeof(struct g);
	struct g *gs = os_mmaphuge(allg.nslabs >= SMALL_SLABS);
	if (!gs) { /* the last that there is */
		n = SMALL_GS;
		gs = os_mmap(n * sizeof(struct g));
	}
	if (!s || !gs)
		fatal_os("no memory for a goroutine", ENOMEM, "see " MEMORY_LIMITS);
	san_root(gs, n * sizeof(struct g)); /* the arguments of those that have not run yet */
	s->gs = gs;
	s->n = (uint32_t)n;
	s->list = NONE;
	store_rel(allg.last ? &allg.last->next : &allg.first, s); // rel[GS]
	allg.last = s;
	allg.nslabs++;
	return s;
}

/* A descriptor nobody uses. */
struct g *malg(void)
{
	lock(&allg.lock);
	struct gslab *s = allg.cut;
	if (!s || s->used == s->n) {
		if ((s = allg.blank))
			allg.blank = s->blank;
		else
			s = newslab();
		store_rlx(&allg.cut, s);
	}
	struct g *gp = &s->gs[s->used];
	gp->slab = s;
	gp->selectdone = load_rlx(&allg.generation);
	setgstatus(gp, Gidle, Gdead);
	store_rel(&s->used, s->used + 1); // rel[GS]
	unlock(&allg.lock);
	return gp;
}

void forEachG(void (*fn)(struct g *, void *), void *arg)
{
	for (struct gslab *s = load_acq(&allg.first); s; s = load_acq(&s->next)) // acq[GS]
		for (uint32_t i = 0, n = load_acq(&s->used); i < n; i++) // acq[GS]
			fn(&s->gs[i], arg);
}

struct g *gnext(struct gcursor *at)
{
	if (!at->slab)
		at->slab = load_acq(&allg.first); // acq[GS]
	while (at->slab && at->i >= load_acq(&at->slab->used)) { // acq[GS]
		at->slab = load_acq(&at->slab->next); // acq[GS]
		at->i = 0;
	}
	return at->slab ? &at->slab->gs[at->i++] : NULL;
}

/* ---- Dead ones ----------------------------------------------------------------------------------- */

#if SAN_THREAD
static struct g *last; /* gflock */

/* Holds: sched.gflock, as all of these. */
static void putcentral(struct g *gp)
{
	gp->schedlink = NULL;
	*(sched.gfree ? &last->schedlink : &sched.gfree) = gp;
	last = gp;
}

static struct g *takecentral(void)
{
	struct g *gp = sched.ngfree > SAN_KEPT ? sched.gfree : NULL;
	if (gp)
		sched.gfree = gp->schedlink;
	return gp;
}
#else
static struct {
	struct gslab *first[NLISTS], *last[NLISTS];
} lists; /* gflock */

static uint32_t listof(struct gslab *s)
{
	return !s->nfree ? NONE : s->nfree == load_rlx(&s->used) && s != load_rlx(&allg.cut) ? ALL : SOME;
}

static void leave(struct gslab *s)
{
	if (s->list == NONE)
		return;
	*(s->back ? &s->back->fwd : &lists.first[s->list]) = s->fwd;
	*(s->fwd ? &s->fwd->back : &lists.last[s->list]) = s->back;
	s->list = NONE;
}

/* Holds: sched.gflock, as all of these. */
static void place(struct gslab *s)
{
	uint32_t list = listof(s);
	if (list == s->list)
		return;
	leave(s);
	s->list = list;
	if (list == NONE)
		return;
	s->fwd = NULL;
	s->back = lists.last[list];
	*(s->back ? &s->back->fwd : &lists.first[list]) = s;
	lists.last[list] = s;
}

static void putcentral(struct g *gp)
{
	struct gslab *s = gp->slab;
	gp->schedlink = s->free;
	s->free = gp;
	s->nfree++;
	s->since = load_rlx(&sched.coarsenow);
	place(s);
}

static struct g *takecentral(void)
{
	struct gslab *s = lists.first[SOME] ? lists.first[SOME] : lists.last[ALL];
	if (!s)
		return NULL;
	struct g *gp = s->free;
	s->free = gp->schedlink;
	s->nfree--;
	place(s);
	return gp;
}
#endif

/* Half of a full cache goes to the central lists; half of an empty one comes from there. */
static noinline void gfspill(struct p *pp, uint32_t keep)
{
	lock(&sched.gflock);
	while (pp->ngfree > keep) {
		struct g *gp = pp->gfree;
		pp->gfree = gp->schedlink;
		pp->ngfree--;
		putcentral(gp);
		store_rlx(&sched.ngfree, sched.ngfree + 1);
	}
	unlock(&sched.gflock);
}

void gfpurge(struct p *pp)
{
	if (pp->ngfree)
		gfspill(pp, 0);
}

static noinline struct g *gfrefill(struct p *pp)
{
	struct g *gp, *more;
	if (load_rlx(&sched.ngfree) <= SAN_KEPT)
		return NULL;
	lock(&sched.gflock);
	if ((gp = takecentral()))
		store_rlx(&sched.ngfree, sched.ngfree - 1);
	while (pp && pp->ngfree < GFREE_BATCH && (more = takecentral())) {
		store_rlx(&sched.ngfree, sched.ngfree - 1);
		more->schedlink = pp->gfree;
		pp->gfree = more;
		pp->ngfree++;
	}
	unlock(&sched.gflock);
	return gp;
}

struct g *gfget(struct p *pp)
{
	struct g *gp = pp ? pp->gfree : NULL;
	if (likely(gp != NULL)) {
		pp->gfree = gp->schedlink;
		pp->ngfree--;
		return gp;
	}
	gp = gfrefill(SAN_THREAD ? NULL : pp);
	return gp ? gp : malg();
}

void gfput(struct p *pp, struct g *gp)
{
	stackfree(pp, gp->stack, gp->stackorder);
	gp->stack = (struct stack){ 0, 0 };
	gp->schedlink = pp->gfree;
	pp->gfree = gp;
	if (unlikely(++pp->ngfree >= (SAN_THREAD ? 1 : GFREE_MAX)))
		gfspill(pp, SAN_THREAD ? 0 : GFREE_BATCH);
}

/* ---- Giving back --------------------------------------------------------------------------------- */

#if SAN_THREAD
bool gscavenge(int64_t now, bool *later)
{
	(void)now, (void)later;
	return false;
}
#else
static const int64_t COLD = HARD ? 20000000 : 1000000000;

/* A slab that was free as a whole for long enough: nobody else's from here on. *later: there is one that was not. */
static struct gslab *takecold(int64_t now, bool *later)
{
	lock(&sched.gflock);
	struct gslab *s = lists.first[ALL];
	*later |= s != NULL;
	if (s && now - s->since >= COLD) {
		leave(s);
		s->free = NULL;
		store_rlx(&sched.ngfree, sched.ngfree - (int32_t)s->nfree);
		s->nfree = 0;
	} else {
		s = NULL;
	}
	unlock(&sched.gflock);
	return s;
}

bool gscavenge(int64_t now, bool *later)
{
	struct gslab *s = takecold(now, later);
	if (!s)
		return false;
	uint32_t most = load_rlx(&allg.generation);
	for (uint32_t i = 0; i < s->used; i++) {
		struct g *gp = &s->gs[i];
		if ((int32_t)(load_rlx(&gp->selectdone) - most) > 0)
			most = load_rlx(&gp->selectdone);
		if (gp->timer)
			timer_free(gp->timer);
	}
	store_rel(&s->used, 0); // rel[GS]
	os_unused(s->gs, s->n * sizeof(struct g));
	lock(&allg.lock);
	store_rlx(&allg.generation, (most & ~1u) + 2);
	s->blank = allg.blank;
	allg.blank = s;
	unlock(&allg.lock);
	return true;
}
#endif
