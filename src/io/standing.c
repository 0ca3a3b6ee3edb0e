/* Looking after those who rely on what epoll was told long ago.
 *
 * Telling epoll anew at each wait (poll/desc.c) is 6 % of an echo. Of TCP connections that the library itself accepted or connected it is
 * told once; so a wait makes no system call. But such a descriptor, too, may have been closed with close(2), and its number be
 * another file's, of which epoll has never heard. So a wait that has lasted 20 ms, of whatever file, is checked, once: epoll is told again.
 * What is right stays as it is; of a new file it learns now, and from then on its waits are told each; and if there is no file any more the
 * waiter is woken to be told so. A mistake costs 20 to 40 ms, then. (Who has waited for longer when his file is closed so is not
 * told, as with a plain read.)
 *
 * Who waits often must not pay for that: a descriptor is listed at its first wait, looked at every 20 ms, and stays in the list
 * while its waits are new ones. So each is in the list once, in the order of the next look; one timer is armed while the list has any.
 *
 *   waiter                              who looks
 *   waits++                             listed = 0
 *   word NIL -> WAIT (a full fence)     look at waits: a new one? then keep it listed
 *   look at listed
 *
 * One of the two sees the other (tag PS). */

#include "io/standing.h"
#include "sched/sched.h"
#include "timer/timer.h"

enum { SEVERAL = 256 }; /* looked at in one go: others want to run */
#ifdef GARN_HARD
static const int64_t AGE = 100000;
#else
static const int64_t AGE = 20000000;
#endif

static struct {
	struct lock lock;
	struct polldesc *first, *last; /* L */
	struct timer *timer;           /* L: made on first use, kept */
	bool armed;                    /* L: or its function runs */
} list = {.lock = LOCKINIT(RANK_POLL)};

static void lookafter(void *arg, uint32_t seq, int64_t now);

/* Holds list.lock, which it lets go. */
static void arm(int64_t when)
{
	bool wake;
	if (!list.timer)
		list.timer = timer_new(lookafter, &list);
	timer_start(list.timer, mytimers(), when, 0, 0, &wake);
	unlock(&list.lock);
	if (wake)
		wakenetpoller(when);
}

static void append(struct polldesc *pd, int64_t when)
{
	pd->relied.when = when;
	pd->relied.next = NULL;
	lock(&list.lock);
	if (list.first)
		list.last->relied.next = pd;
	else
		list.first = pd;
	list.last = pd;
	bool armed = list.armed;
	list.armed = true;
	if (armed)
		unlock(&list.lock);
	else
		arm(when);
}

static struct polldesc *takedue(int64_t now)
{
	lock(&list.lock);
	struct polldesc *pd = list.first;
	if (pd && pd->relied.when > now)
		pd = NULL;
	if (pd)
		list.first = pd->relied.next;
	unlock(&list.lock);
	return pd;
}

void standing_enlist(struct polldesc *pd)
{
	if (!load_rlx(&sched.started)) /* then this wait is an error, as gopark will say */
		return;
	if (cas_acq(&pd->relied.listed, 0, 1)) // acq[PL2]: its last look is over
		append(pd, os_nanotime() + AGE);
}

/* Waits that last: does epoll know the file? */
static void check(struct polldesc *pd)
{
	int err = pollrestand(pd);
	if (err == 0)
		return;
	store_rlx(&pd->own, 0);
	fdsetkind(pd, FD_UNKNOWN);
	if (err == -ENOENT)
		return;
	for (int mode = POLL_R; mode <= POLL_W; mode++) { /* the call itself will say what is wrong */
		struct g *gp = pollunblock(pd, (enum pollmode)mode, true);
		if (gp)
			goready(gp);
	}
}

static bool isnewer(struct polldesc *pd)
{
	struct relied *r = &pd->relied;
	return load_sc(&r->waits[POLL_R]) != r->checked[POLL_R] || load_sc(&r->waits[POLL_W]) != r->checked[POLL_W]; // sc[PS]
}

/* True when there was a wait that began after the last look. */
static bool look(struct polldesc *pd)
{
	struct relied *r = &pd->relied;
	bool isnew = false, lasts = false;
	for (int mode = POLL_R; mode <= POLL_W; mode++) {
		uint32_t n = load_sc(&r->waits[mode]); // sc[PS]: after listed was cleared
		if (n == r->checked[mode])
			continue;
		if (n != r->seen[mode]) {
			r->seen[mode] = n;
			isnew = true;
			continue;
		}
		r->checked[mode] = n;
		lasts |= load_rlx(&pd->word[mode]) >= POLL_WAIT;
	}
	if (lasts)
		check(pd);
	return isnew;
}

/* On g0, for the timer. */
static void lookafter(void *arg, uint32_t seq, int64_t now)
{
	(void)arg, (void)seq;
	struct polldesc *pd;
	for (int i = 0; i < SEVERAL && (pd = takedue(now)) != NULL; i++) {
		if (!look(pd)) {
			store_sc(&pd->relied.listed, 0); // sc[PS]: before the look at waits. rel[PL2]
			if (!isnewer(pd) || !cas_acq(&pd->relied.listed, 0, 1)) // acq[PL2]
				continue;
		}
		append(pd, now + AGE);
	}
	lock(&list.lock);
	list.armed = list.first != NULL;
	if (list.armed)
		arm(list.first->relied.when > now ? list.first->relied.when : now + 1); /* or it would be called again at once */
	else
		unlock(&list.lock);
}
