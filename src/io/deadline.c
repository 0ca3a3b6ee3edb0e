/* Deadlines: past one, calls that wait fail, those that would wait and those that wait already.
 *
 *  1. info's bit for a mode is set exactly while a deadline was set that is over; under lock.
 *  2. A timer that fires for an earlier deadline has another seq, and does nothing.
 *
 * A descriptor's timers are made at its first deadline and kept with its number: setting a deadline allocates nothing. Go has one
 * timer for both modes when they are equal; we do not bother. */

#include "io/deadline.h"
#include "core/throw.h"
#include "io/fd.h"
#include "timer/timer.h"
#include <fcntl.h>

static void fired(struct polldesc *pd, enum pollmode mode, uint32_t seq)
{
	struct g *gp = NULL;
	lock(&pd->lock);
	if (pd->deadline[mode].seq == seq) {
		store_sc(&pd->info, pd->info | (uint32_t)INFO_PAST << mode); // sc[PI]: before the look at the word
		gp = pollunblock(pd, mode, false);
	}
	unlock(&pd->lock);
	if (gp)
		goready(gp);
}

static void firedread(void *pd, uint32_t seq, int64_t now)
{
	(void)now;
	fired(pd, POLL_R, seq);
}

static void firedwrite(void *pd, uint32_t seq, int64_t now)
{
	(void)now;
	fired(pd, POLL_W, seq);
}

/* Holds pd->lock. Whom it wakes comes back; *wake: the poller must hear of it. */
static struct g *set(struct polldesc *pd, enum pollmode mode, int64_t when, bool *wake)
{
	struct deadline *d = &pd->deadline[mode];
	uint32_t past = (uint32_t)INFO_PAST << mode;
	d->seq++;
	store_rlx(&d->when, when);
	if (d->t)
		timer_stop(d->t);
	if (when == 0 || when > os_nanotime()) {
		if (pd->info & past)
			store_sc(&pd->info, pd->info & ~past); // sc[PI]
		if (when == 0)
			return NULL;
		if (!d->t)
			d->t = timer_new(mode == POLL_R ? firedread : firedwrite, pd);
		bool w;
		timer_start(d->t, mytimers(), when, 0, d->seq, &w);
		*wake |= w;
		return NULL;
	}
	store_sc(&pd->info, pd->info | past); // sc[PI]: before the look at the word
	return pollunblock(pd, mode, false);
}

void deadline_set(struct polldesc *pd, int which, int64_t when)
{
	struct g *r = NULL, *w = NULL;
	bool wake = false;
	lock(&pd->lock);
	if (which & GARN_READ)
		r = set(pd, POLL_R, when, &wake);
	if (which & GARN_WRITE)
		w = set(pd, POLL_W, when, &wake);
	unlock(&pd->lock);
	if (r)
		goready(r);
	if (w)
		goready(w);
	if (wake)
		wakenetpoller(when);
}

/* Runs on: g, foreign. Never parks, unless the number is just being closed. */
int garn_set_deadline(int fd, int which, int64_t when)
{
	if (which == 0 || which & ~(GARN_READ | GARN_WRITE)) {
		errno = EINVAL;
		return -1;
	}
	mustgetg();
	struct polldesc *pd = fdref(fd);
	if (!pd)
		return -1;
	int r = 0;
	if (load_rlx(&pd->kind) == FD_UNKNOWN && fcntl(fd, F_GETFD) < 0) /* of one in use it is known */
		r = -errno;
	else
		deadline_set(pd, which, when);
	fdunref(pd);
	return (int)fdresult(r);
}
