/* poll: several descriptors at once. The kernel's poll says what is ready; epoll only says when to ask again.
 *
 *  1. A waiter stands in the list of each descriptor before the kernel is asked: what becomes ready after that answer
 *     makes an event that finds the waiter.
 *  2. g.selectdone decides who wakes the g: an event, a close or the timer. It has one generation until the g is parked, and
 *     the next from then on. Who wins the first only keeps it from parking; who wins the second readies it. A timer that fired
 *     between the two won neither: so the g, once parked, looks whether it is still pending.
 *  3. Of each descriptor a reference is held: a close marks it, wakes us, and waits until we are gone. */

#include "io/fd.h"
#include "io/pin.h"
#include "sync/sudog.h"
#include "time/time.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { FEW = 8 };

struct watched {
	struct polldesc *pd; /* null: nothing to watch */
	bool listed;
	struct pollwaiter w;
};

struct pollset {
	struct pollfd *fds;
	nfds_t n;
	struct watched *at;
	int64_t when; /* INT64_MAX: no limit */
	uint32_t gen;
};

/* On g0. Once the second generation is open, the set may be gone. */
g0func static bool commit(struct g *gp, void *arg)
{
	struct pollset *ps = arg;
	uint32_t gen = ps->gen;
	struct timer *t = ps->when != INT64_MAX ? gp->timer : NULL;
	uint64_t stamp = t ? armtimer(t, ps->when, 0, gen + 2) : 0;
	hard_pause();
	if (!cas_sc(&gp->selectdone, gen, gen + 2)) // acqrel[SD]
		return false;
	return !t || timer_pending(t, stamp) || !select_win(gp, gen + 2);
}

/* References to all; null for those that poll(2) itself has an answer to. */
static void takeall(struct pollset *ps)
{
	for (nfds_t i = 0; i < ps->n; i++)
		ps->at[i].pd = ps->fds[i].fd >= 0 ? fdref(ps->fds[i].fd) : NULL;
}

static void dropall(struct pollset *ps)
{
	for (nfds_t i = 0; i < ps->n; i++)
		if (ps->at[i].pd)
			fdunref(ps->at[i].pd);
}

/* Ask the kernel; those being closed are as good as closed. Holds the references. */
static int askkernel(struct pollset *ps)
{
	int n;
	while ((n = poll(ps->fds, ps->n, 0)) < 0 && errno == EINTR)
		;
	if (n < 0)
		return -errno;
	for (nfds_t i = 0; i < ps->n; i++) {
		struct pollfd *f = &ps->fds[i];
		bool closed = f->fd >= 0 && (!ps->at[i].pd || load_sc(&ps->at[i].pd->info) & INFO_CLOSING); // sc[PI]
		if (closed) {
			n += f->revents == 0;
			f->revents = POLLNVAL;
		}
	}
	return n;
}

static void unwatch(struct pollset *ps)
{
	for (nfds_t i = 0; i < ps->n; i++) {
		if (ps->at[i].listed)
			pollunwatch(ps->at[i].pd, &ps->at[i].w);
		ps->at[i].listed = false;
	}
}

/* Stand in all lists; not in those of files that epoll cannot watch: those never change. 0 or -errno. */
static int watch(struct pollset *ps, struct g *gp)
{
	ps->gen = select_next(gp);
	for (nfds_t i = 0; i < ps->n; i++) {
		struct watched *a = &ps->at[i];
		if (!a->pd)
			continue;
		uint32_t events = (uint32_t)(unsigned short)ps->fds[i].events;
		a->w = (struct pollwaiter){.g = gp, .gen = ps->gen, .events = events};
		int err = pollwatch(a->pd, &a->w);
		if (err < 0 && err != -EPERM && err != -EBADF)
			return err;
		a->listed = err == 0;
	}
	return 0;
}

static int waitany(struct pollset *ps)
{
	struct g *gp = mustgetg();
	bool limited = ps->when != INT64_MAX;
	int r;
	if (limited && !gp->timer)
		gp->timer = timer_new(select_timedout, gp);
	add_sc(&npollwaiters, 1); // sc[PW]: before the look at the poller
	for (;;) {
		r = watch(ps, gp);
		if (r == 0)
			r = askkernel(ps);
		if (r != 0 || (limited && os_nanotime() >= ps->when))
			break;
		if (gp->foreign)
			needpoller();
		hard_yield();
		gopark(commit, ps, WAIT_IO);
		if (limited)
			timer_stop(gp->timer);
		unwatch(ps);
	}
	unwatch(ps);
	add_sc(&npollwaiters, -1);
	return r;
}

/* Runs on: g, foreign. May park. */
int garn_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct watched few[FEW];
	struct pollset ps = {.fds = fds, .n = n, .at = few, .when = INT64_MAX};
	struct g *gp = getg();
	bool apart = n > FEW || (gp && gp->pack); /* others walk over these, with SIGSEGV blocked perhaps: not on a stack that may be packed */
	if (apart && !(ps.at = calloc(n, sizeof *ps.at))) {
		errno = ENOMEM;
		return -1;
	}
	if (!apart)
		memset(few, 0, sizeof few);
	if (timeout > 0)
		ps.when = timer_deadline(os_nanotime(), GARN_MS(timeout));
	bool pinned = pin(fds, NULL);
	takeall(&ps);
	int r = askkernel(&ps);
	if (r == 0 && timeout != 0)
		r = waitany(&ps);
	iosan_acquire();
	dropall(&ps);
	unpin(pinned, fds, NULL);
	if (apart)
		free(ps.at);
	return (int)fdresult(r);
}
