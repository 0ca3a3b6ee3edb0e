// Slabs alone: threads with a P each that take objects of four kinds and put them back, in waves, one that gives back whatever is free as a whole,
// as if all were cold, and one that walks over all there are. No object is with two at a time; made anew it was zeros; what leaves
// a cache was told so; nothing that is in use goes, and all that goes was made and is told so. In the end the lists are as they should be, and all can be
// given back. Then one thread: slabs in use are taken from first, and memory may be refused.
// TIMEOUT: 60
// LINK: arch/arch.c core/lock.c core/hard.c core/throw.c core/globals.c base/print.c os/osinit.c os/futex.c os/clock.c os/fail.c os/mem.c os/thread.c os/cpu.c
#include "os/os.h"
static bool refuse, refusesmall;
#define os_mmapaligned(n, huge) (refuse ? NULL : os_mmapaligned(n, huge))
#define os_mmap(n) (refusesmall ? NULL : os_mmap(n))
#include "core/slab.c"
#include "test.h"
#include <pthread.h>

enum { THREADS = 3, KINDS = 4, HELD = 8000, ROUNDS = T_SCALED(1500000) };
enum { MADE = 1, FREED, IDLED, USED = 256 };
struct object {
	uint64_t link, state; // A
	uint64_t more[];
};
static const struct { enum slabid id; size_t size; } kinds[KINDS] = { { SLAB_G, 256 }, { SLAB_START, 1248 }, { SLAB_SUDOG, 72 }, { SLAB_TIMER, 64 } };
static struct p ps[THREADS];
static uint32_t over;                          // A
static uint64_t given, walked, nmade, ngone;   // A

static uint64_t state(struct object *x)
{
	return __atomic_load_n(&x->state, __ATOMIC_RELAXED);
}

static void set(struct object *x, uint64_t to)
{
	__atomic_store_n(&x->state, to, __ATOMIC_RELAXED);
}

static void made(void *p)
{
	struct object *x = p;
	CHECK(x->link == 0 && state(x) == 0 && x->more[0] == 0 && x->more[5] == 0);
	set(x, MADE);
	add_rlx(&nmade, 1);
}

static void idle(void *p)
{
	CHECK(state(p) == FREED || state(p) == MADE || state(p) == IDLED);
	set(p, IDLED);
}

static void gone(void *p)
{
	CHECK(state(p) == MADE || state(p) == IDLED);
	add_rlx(&ngone, 1);
}

static void got(struct object *x, uint64_t me)
{
	CHECK(x != NULL && (state(x) == MADE || state(x) == FREED || state(x) == IDLED));
	set(x, USED + me);
	x->more[0] = x->more[5] = me; // a sudog's last word, and a timer's
}

static void drop(struct object *x, uint64_t me, uint64_t to)
{
	CHECK(state(x) == USED + me && x->more[0] == me && x->more[5] == me);
	set(x, to);
}

// Waves: sometimes it holds many, sometimes nearly none.
static void *user(void *arg)
{
	uint64_t me = (uint64_t)(uintptr_t)arg;
	struct p *pp = &ps[me];
	struct t_rng r = t_rng(t_seed(), me);
	static struct { struct object *x; uint32_t kind; } held[THREADS][HELD];
	uint32_t n = 0, aim = HELD;
	for (int i = 0; i < ROUNDS; i++) {
		if (t_below(&r, 20000) == 0)
			aim = t_below(&r, 2) ? 0 : (uint32_t)t_below(&r, HELD);
		if (n < aim || (n < HELD && n < aim + 20 && t_below(&r, 2))) {
			uint32_t kind = (uint32_t)t_below(&r, KINDS);
			enum slabid id = kinds[kind].id;
			held[me][n].kind = kind;
			held[me][n].x = t_below(&r, 16) ? slabget(pp, id) : t_below(&r, 2) ? slabget(NULL, id) : slabnew(id);
			got(held[me][n++].x, me);
		} else if (n > 0) {
			uint32_t k = (uint32_t)t_below(&r, n);
			enum slabid id = kinds[held[me][k].kind].id;
			bool direct = t_below(&r, 16) == 0;
			drop(held[me][k].x, me, direct ? IDLED : FREED);
			if (direct)
				slabfree(id, held[me][k].x);
			else
				slabput(pp, id, held[me][k].x);
			held[me][k] = held[me][--n];
		}
		if (t_below(&r, 2000) == 0)
			slabpurge(pp);
	}
	while (n > 0) {
		drop(held[me][--n].x, me, FREED);
		slabput(pp, kinds[held[me][n].kind].id, held[me][n].x);
	}
	slabpurge(pp);
	return NULL;
}

static bool giveone(void)
{
	bool later = false;
	return slabscavenge(5000000000, &later);
}

static void *giver(void *unused)
{
	while (!load_rlx(&over))
		if (giveone())
			add_rlx(&given, 1);
	return unused;
}

static void *walker(void *unused)
{
	struct slabcursor at = { NULL, 0 };
	for (uint32_t i = 0; !load_rlx(&over); i++) {
		for (struct object *x; (x = slabnext(kinds[i % KINDS].id, &at));) {
			uint64_t s = state(x);
			CHECK(s <= IDLED || (s >= USED && s < USED + THREADS));
			add_rlx(&walked, 1);
		}
	}
	return unused;
}

// Each slab is where its counts say, and its free ones are its own.
static uint32_t checklists(enum slabid id)
{
	struct slabs *k = &slabs[id];
	uint32_t n = 0, listed = 0;
	for (struct slab *s = k->oldest; s; s = s->next, n++) {
		uint32_t nfree = 0;
		for (void *x = s->free; x; x = *(slablink *)x, nfree++)
			CHECK(slabof(x) == s && x > (void *)s->base && x < object(k, s, s->used));
		CHECK(nfree == s->nfree && s->used <= s->room);
		CHECK_EQ(s->list, s == k->cur ? NONE : listof(s));
	}
	for (uint32_t list = 0; list < NLISTS; list++)
		for (struct slab *s = k->first[list], *back = NULL; s; back = s, s = s->fwd, listed++)
			CHECK(s->list == list && s->back == back && (s->fwd || k->last[list] == s));
	uint32_t others = k->cur != NULL;
	for (struct slab *s = k->oldest; s; s = s->next)
		others += s->list == NONE && s != k->cur;
	CHECK_EQ(listed + others, n);
	CHECK_EQ(n, k->nslabs);
	return n;
}

static void together(void)
{
	pthread_t t[THREADS], g, w;
	CHECK_EQ(pthread_create(&g, NULL, giver, NULL), 0);
	CHECK_EQ(pthread_create(&w, NULL, walker, NULL), 0);
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, user, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	store_rlx(&over, 1);
	CHECK_EQ(pthread_join(g, NULL), 0);
	CHECK_EQ(pthread_join(w, NULL), 0);
	for (int i = 0; i < KINDS; i++) {
		CHECK_EQ(slabout(kinds[i].id), 0);
		CHECK(checklists(kinds[i].id) > 1);
	}
}

static void allgone(void)
{
	while (giveone())
		;
	CHECK_EQ(nmade, ngone);
	for (int i = 0; i < KINDS; i++) {
		struct slabs *k = &slabs[kinds[i].id];
		checklists(kinds[i].id);
		CHECK(!k->cur && !k->first[SOME] && !k->first[ALL]);
		for (struct slab *s = k->oldest; s; s = s->next)
			CHECK(!s->used && *(uint64_t *)s->base == 0 && *(uint64_t *)(s->base + s->pages * (size_t)PAGE - 8) == 0);
	}
}

// Two of many stay: the next ones come from their slabs, before and after the others were given back, and no other is touched.
static void inuse(void)
{
	enum { MANY = 3000 };
	static struct object *x[MANY];
	struct slabs *k = &slabs[SLAB_G];
	for (int i = 0; i < MANY; i++)
		got(x[i] = slabnew(SLAB_G), 0);
	struct slab *a = slabof(x[10]), *b = slabof(x[MANY / 2]);
	CHECK(a != b);
	for (int i = 0; i < MANY; i++)
		if (i != 10 && i != MANY / 2) {
			drop(x[i], 0, IDLED);
			slabfree(SLAB_G, x[i]);
		}
	got(x[0] = slabnew(SLAB_G), 0);
	CHECK(slabof(x[0]) == a || slabof(x[0]) == b);
	drop(x[0], 0, IDLED);
	slabfree(SLAB_G, x[0]);
	while (giveone())
		;
	for (int i = 0; i < 50; i++) {
		if (i == 10)
			continue;
		got(x[i] = slabnew(SLAB_G), 0);
		CHECK(slabof(x[i]) == a || slabof(x[i]) == b);
	}
	for (struct slab *s = k->oldest; s; s = s->next)
		CHECK(!s->used == (s != a && s != b));
	CHECK_EQ(slabout(SLAB_G), 51);
	for (int i = 0; i <= 50; i++) {
		drop(x[i < 50 ? i : MANY / 2], 0, IDLED);
		slabfree(SLAB_G, x[i < 50 ? i : MANY / 2]);
	}
	allgone();
}

// What is free can still be had; then null; then all is as before.
static void refused(void)
{
	struct object *first = NULL, *x;
	uint64_t n = 0;
	for (int small = 0; small < 2; small++) {
		*(small ? &refusesmall : &refuse) = true;
		for (; (x = slabnew(SLAB_TIMER)); n++) {
			got(x, 0);
			x->more[1] = (uintptr_t)first;
			first = x;
		}
		CHECK(!slabget(&ps[0], SLAB_TIMER) && !slabget(NULL, SLAB_TIMER));
		refuse = refusesmall = false;
		if (small) // headers are made many at a time
			CHECK(n > 0);
		else
			headers.at = headers.end;
	}
	while ((x = first)) {
		first = (struct object *)(uintptr_t)x->more[1];
		drop(x, 0, IDLED);
		slabfree(SLAB_TIMER, x);
	}
	got(x = slabnew(SLAB_TIMER), 0);
	drop(x, 0, IDLED);
	slabfree(SLAB_TIMER, x);
	CHECK_EQ(slabout(SLAB_TIMER), 0);
	checklists(SLAB_TIMER);
}

int main(void)
{
	osinit();
	t_seed();
	for (int i = 0; i < KINDS; i++)
		slabinit(kinds[i].id, &(struct slabkind){ kinds[i].size, made, idle, gone });
	together();
	if (!SAN_THREAD) {
		allgone();
		inuse();
		CHECK(given > 0);
	}
	refused();
	printf("%llu made, %llu slabs given back, %llu walked over\n", (unsigned long long)nmade, (unsigned long long)given, (unsigned long long)walked);
	CHECK(nmade > 0 && walked > 0);
	return 0;
}
