/* Poll descriptors: one for each number of a descriptor; who waits for it; and what epoll has been told.
 *
 * word[mode], the goroutine that waits, from -> to [function]:
 *
 *   NIL   -> WAIT   [pollblock: a g is about to park]
 *   READY -> NIL    [pollprepare, pollblock: the g need not park]
 *   WAIT  -> g      [pollcommit: it is parked]
 *   NIL, WAIT -> READY      [pollunblock for an event]
 *   g     -> READY  [pollunblock for an event: the caller readies the g]
 *   WAIT, g -> NIL  [pollunblock for closing and deadlines; of g the caller readies it]
 *   any but g -> NIL [pollunblocked: the g is back, or did not park]
 *
 *  1. Only the holder of the mode's half of mu (io/fd.c) leaves NIL for WAIT: one g at most waits in a word.
 *  2. Who takes a g out of the word readies it, once. Everybody else finds NIL or READY there.
 *  3. READY without reason is harmless, and happens: whoever waited looks at the file again. So events need not be exact,
 *     but none may be lost: after pollarm, each time the file becomes ready (and if it is) there is an event.
 *  4. gen changes, under lock, whenever epoll is told of another file of that number. An event carries the
 *     gen it was asked for with, and is dropped if that is not the present one.
 *
 * Who tells epoll, and when. What belongs to a number may be closed with close(2), come back as another file, or live on under
 * a second number: epoll's registrations belong to files, and nobody tells us. So each wait tells anew what it waits for (EPOLL_CTL_MOD, a
 * fraction of what a park costs; ENOENT: another file, so ADD, with a new gen). Asked so, epoll looks at once whether the
 * file is ready, and so an event that came before the wait is not needed; and it is asked for no more than is waited for. Always
 * edge-triggered: level-triggered ones would come again and again while nobody reads.
 *
 * TCP connections are told once, and it stands (pollstand). Then nobody looks at the file when a wait begins, and so READY may be
 * cleared only by who tries the call after that. io/standing.c looks after those who wait long.
 *
 * Rejected: asking fstat whether it is still the same file (costs more than MOD); EPOLLONESHOT (readers and writers of one file
 * would disarm each other). */

#include "poll/poll.h"
#include "core/throw.h"
#include "os/os.h"
#include <errno.h>
#include <sys/epoll.h>

enum { CHUNK = 256, CHUNKS = 1 << 16 }; /* 16 million numbers */
enum { READS = EPOLLIN | EPOLLRDHUP | EPOLLPRI, ENDS = EPOLLERR | EPOLLHUP };

static struct polldesc *chunks[CHUNKS]; /* A[PD] */

/* Two threads may make the same chunk: one of them wins. */
static noinline struct polldesc *newchunk(int at)
{
	size_t size = CHUNK * sizeof(struct polldesc);
	struct polldesc *c = os_mmap(size);
	if (c == NULL)
		return NULL;
	for (int i = 0; i < CHUNK; i++) {
		lockinit(&c[i].lock, RANK_POLL);
		c[i].fd = at * CHUNK + i;
	}
	if (cas_acqrel(&chunks[at], NULL, c)) // acqrel[PD]
		return c;
	os_munmap(c, size);
	return load_acq(&chunks[at]); // acq[PD]
}

struct polldesc *polldesc(int fd)
{
	if (unlikely(fd < 0 || fd / CHUNK >= CHUNKS))
		return NULL;
	struct polldesc *c = load_acq(&chunks[fd / CHUNK]); // acq[PD]
	if (unlikely(c == NULL) && (c = newchunk(fd / CHUNK)) == NULL)
		return NULL;
	return &c[fd % CHUNK];
}

/* ---- The word ---- */

bool pollblock(struct polldesc *pd, enum pollmode mode)
{
	if (cas_sc(&pd->word[mode], POLL_NIL, POLL_WAIT)) // sc[PI]: before the look at info
		return true;
	if (load_rlx(&pd->word[mode]) != POLL_READY)
		throw("two goroutines wait for one end of a descriptor");
	xchg_acqrel(&pd->word[mode], POLL_NIL); // acq[PG]
	return false;
}

bool pollcommit(struct g *gp, void *word)
{
	return cas_acqrel((uintptr_t *)word, POLL_WAIT, (uintptr_t)gp); // rel[PG]: the g is parked
}

void pollunblocked(struct polldesc *pd, enum pollmode mode)
{
	if (xchg_acqrel(&pd->word[mode], POLL_NIL) > POLL_WAIT) // acq[PG]
		throw("a goroutine that waited for a descriptor runs, and waits");
}

struct g *pollunblock(struct polldesc *pd, enum pollmode mode, bool ready)
{
	uintptr_t to = ready ? POLL_READY : POLL_NIL;
	for (;;) {
		uintptr_t old = load_sc(&pd->word[mode]); // sc[PI]: after info was written
		if (old == POLL_READY || (old == POLL_NIL && !ready))
			return NULL;
		if (cas_sc(&pd->word[mode], old, to)) // acq[PG]
			return old > POLL_WAIT ? (struct g *)old : NULL;
	}
}

/* ---- What epoll knows ---- */

static uint32_t wanted(struct polldesc *pd)
{
	uint32_t ev = EPOLLET;
	int modes = pd->want | pd->standing;
	if (modes & 1 << POLL_R)
		ev |= READS;
	if (modes & 1 << POLL_W)
		ev |= EPOLLOUT;
	for (struct pollwaiter *w = pd->waiters; w; w = w->next)
		ev |= w->events;
	return ev;
}

/* Holds pd->lock. 0 or -errno. */
static int tell(struct polldesc *pd)
{
	int ep = pollfd_get();
	if (ep < 0)
		return ep;
	uint32_t ev = wanted(pd);
	int err = -ENOENT;
	if (pd->registered)
		err = os_epollctl(ep, EPOLL_CTL_MOD, pd->fd, ev, (uint64_t)pd->gen << 32 | (uint32_t)pd->fd);
	if (err == -ENOENT) {
		store_rlx(&pd->gen, pd->gen + 1);
		err = os_epollctl(ep, EPOLL_CTL_ADD, pd->fd, ev, (uint64_t)pd->gen << 32 | (uint32_t)pd->fd);
	}
	if (err == -EEXIST) /* told by a number that was dup'ed away and back */
		err = os_epollctl(ep, EPOLL_CTL_MOD, pd->fd, ev, (uint64_t)pd->gen << 32 | (uint32_t)pd->fd);
	pd->registered = err == 0;
	return err;
}

/* Bits of want, or of standing, changed, and epoll told. */
static int tellmode(struct polldesc *pd, uint8_t *modes, enum pollmode mode)
{
	lock(&pd->lock);
	store_rlx(modes, (uint8_t)(*modes | 1 << mode));
	int err = tell(pd);
	if (err < 0)
		store_rlx(modes, (uint8_t)(*modes & ~(1 << mode)));
	unlock(&pd->lock);
	return err;
}

int pollarm(struct polldesc *pd, enum pollmode mode)
{
	return tellmode(pd, &pd->want, mode);
}

int pollstand(struct polldesc *pd, enum pollmode mode)
{
	return tellmode(pd, &pd->standing, mode);
}

int pollrestand(struct polldesc *pd)
{
	lock(&pd->lock);
	uint32_t gen = pd->gen;
	int err = pd->want | pd->standing ? tell(pd) : 0;
	if (err == 0 && pd->gen != gen) {
		err = -ENOENT;
		store_rlx(&pd->want, pd->want | pd->standing);
	}
	if (err < 0)
		store_rlx(&pd->standing, 0);
	unlock(&pd->lock);
	return err;
}

void polldisarm(struct polldesc *pd, enum pollmode mode)
{
	lock(&pd->lock);
	store_rlx(&pd->want, (uint8_t)(pd->want & ~(1 << mode)));
	unlock(&pd->lock);
}

void pollforget(struct polldesc *pd)
{
	lock(&pd->lock);
	if (pd->registered)
		os_epollctl(pollfd_get(), EPOLL_CTL_DEL, pd->fd, 0, 0);
	pd->registered = false;
	store_rlx(&pd->standing, 0);
	store_rlx(&pd->ended, 0);
	store_rlx(&pd->gen, pd->gen + 1);
	unlock(&pd->lock);
}

/* ---- Those who watch several ---- */

int pollwatch(struct polldesc *pd, struct pollwaiter *w)
{
	lock(&pd->lock);
	w->next = pd->waiters;
	w->link = &pd->waiters;
	if (w->next)
		w->next->link = &w->next;
	store_rel(&pd->waiters, w); // rel[PL]: before epoll is told, which makes an event
	int err = tell(pd);
	unlock(&pd->lock);
	if (err < 0)
		pollunwatch(pd, w);
	return err;
}

void pollunwatch(struct polldesc *pd, struct pollwaiter *w)
{
	lock(&pd->lock);
	if (w->next)
		w->next->link = w->link;
	store_rel(w->link, w->next); // rel[PL]
	unlock(&pd->lock);
}

struct g *pollwakewaiters(struct polldesc *pd, uint32_t events, struct g *list)
{
	lock(&pd->lock);
	for (struct pollwaiter *w = pd->waiters; w; w = w->next) {
		if (!(events & (w->events | ENDS)))
			continue;
		uint32_t *done = &w->g->selectdone, gen = w->gen;
		if (cas_sc(done, gen, gen | 1)) // acqrel[SD]: not parked yet, and will not
			continue;
		if (cas_sc(done, gen + 2, (gen + 2) | 1)) { // acqrel[SD]
			w->g->schedlink = list;
			list = w->g;
		}
	}
	unlock(&pd->lock);
	return list;
}

struct g *pollevent(uint64_t data, uint32_t events, struct g *list)
{
	struct polldesc *pd = polldesc((int)(uint32_t)data);
	if (load_rlx(&pd->gen) != data >> 32)
		return list;
	if (unlikely(events & (ENDS | EPOLLRDHUP | EPOLLPRI)))
		store_sc(&pd->ended, 1); /* before the look at a word that may be READY already */
	for (int mode = POLL_R; mode <= POLL_W; mode++) {
		if (!(events & (ENDS | (mode == POLL_R ? READS : EPOLLOUT))))
			continue;
		struct g *gp = pollunblock(pd, (enum pollmode)mode, true);
		if (gp) {
			gp->schedlink = list;
			list = gp;
		}
	}
	if (unlikely(load_acq(&pd->waiters) != NULL)) // acq[PL]
		list = pollwakewaiters(pd, events, list);
	return list;
}
