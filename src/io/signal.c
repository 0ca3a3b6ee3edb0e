/* Signals as values on channels, with Go's meaning of signal.Notify and Stop.
 *
 * The handler (os/signal.c) only counts. One thread, made for the first garn_notify, sleeps until something was counted and sends
 * it on the channels of those who listen. That thread lets in the signals that are listened for, so that they arrive even where
 * every other thread blocks them.
 *
 *   1. The list of listeners and all sending are under sn.lock. So who is off the list gets nothing more. Whom a value woke is
 *      readied when the lock is free again.
 *   2. A signal is ours, or the program's, never nobody's: the disposition goes back before its last listener leaves the list, and what
 *      was counted until then is sent to him; what a late handler counts after that has no listener, and is sent to the process
 *      once more, where it meets what was there before.
 *   3. The disposition goes back only after the sending thread has closed itself to the signal: where all other threads block
 *      it, it must wait again, and not hit the one thread that took it for us.
 *   4. While there are listeners nobody is deadlocked: signals come from outside.
 *
 * A channel has room for 1, as more than one of a signal that nobody has looked at yet says nothing more (nor does the kernel keep
 * more than one waiting). Real-time signals are different, each of them counts, and so there is room for some. */
#include "core/lock.h"
#include "core/throw.h"
#include "garn.h"
#include "os/os.h"
#include "sched/sched.h"
#include "sync/chan.h"
#include <signal.h>
#include <stdlib.h>

enum { ROOM = 1, ROOM_REALTIME = 64, STACK = 64 << 10 };

struct listener {
	struct listener *next; /* L: sn.lock */
	garn_chan *c;          /* I */
	int sig;               /* I */
};

static struct {
	garn_mutex changing;    /* one notify or stop at a time */
	bool thread;            /* by changing: the sending thread is there */
	struct lock lock;       /* held while channels' locks are taken */
	struct listener *first; /* L */
	uint64_t open;          /* L: signals that the thread is to let in */
	uint32_t asked, done;   /* A[SN]: how often that was changed, and when the thread has seen to it */
} sn;

static uint64_t bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

/* ---- sending ----------------------------------------------------------------------------------- */

/* One signal to all who listen for it; who was woken goes on the list at *end. Holds sn.lock. */
static struct g **sendall(int sig, struct g **end)
{
	bool heard = false;
	for (struct listener *l = sn.first; l; l = l->next) {
		struct g *gp;
		if (l->sig != sig)
			continue;
		heard = true;
		chan_trysend_g0(l->c, &sig, &gp); /* full: dropped */
		if (gp) {
			gp->schedlink = NULL;
			*end = gp;
			end = &gp->schedlink;
		}
	}
	if (!heard)
		os_sigagain(sig);
	return end;
}

/* Send all that was counted. Runs on: g, g0, foreign. */
static void deliver(void)
{
	struct g *woken = NULL, **end = &woken;
	lock(&sn.lock);
	for (int sig = 1; sig <= OS_NSIG; sig++)
		for (uint32_t n = os_sigcount(sig); n > 0; n--)
			end = sendall(sig, end);
	unlock(&sn.lock);
	while (woken) {
		struct g *gp = woken;
		woken = gp->schedlink;
		goready(gp);
	}
}

static void sender(void *arg)
{
	(void)arg;
	for (uint32_t done = 0;;) {
		uint32_t asked = load_acq(&sn.asked); // acq[SN]
		if (asked != done) {
			lock(&sn.lock);
			uint64_t open = sn.open;
			unlock(&sn.lock);
			os_sigopen(open);
			store_rel(&sn.done, done = asked); // rel[SN]: the mask is set
			os_futexwake(&sn.done, 1);
		}
		deliver();
		os_sigsleep();
	}
}

/* The sending thread is to let the signal in, or no more; wait until it does. Holds sn.changing. */
static void letin(int sig, bool in)
{
	lock(&sn.lock);
	sn.open = in ? sn.open | bit(sig) : sn.open & ~bit(sig);
	unlock(&sn.lock);
	uint32_t seen, mine = add_acqrel(&sn.asked, 1); // rel[SN]
	os_sigpost();
	while ((seen = load_acq(&sn.done)) != mine) // acq[SN]
		os_futexsleep(&sn.done, seen, -1);
}

/* ---- who listens ------------------------------------------------------------------------------- */

/* Does anybody but l listen for its signal? Holds sn.changing. */
static bool others(const struct listener *l)
{
	for (struct listener *o = sn.first; o; o = o->next)
		if (o != l && o->sig == l->sig)
			return true;
	return false;
}

/* 0 or an errno. Holds sn.changing. */
static int addlistener(struct listener *l)
{
	bool first = !others(l);
	int err = 0;
	if (!sn.thread) {
		if ((err = helperstart(STACK, sender, NULL)) != 0)
			return err;
		sn.thread = true;
	}
	lock(&sn.lock);
	if (first)
		err = os_sigcatch(l->sig);
	if (err == 0) {
		l->next = sn.first;
		sn.first = l;
	}
	unlock(&sn.lock);
	if (err == 0 && first) {
		outside(1);
		letin(l->sig, true);
	}
	return err;
}

/* Holds sn.changing. */
static void droplistener(struct listener *l)
{
	bool last = !others(l);
	if (last) {
		letin(l->sig, false);
		os_sigrelease(l->sig);
	}
	deliver();
	lock(&sn.lock);
	struct listener **at = &sn.first;
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	unlock(&sn.lock);
	if (last)
		outside(-1);
}

/* Signals that say that the thread which gets them cannot go on: debug/ takes them. */
static bool isfault(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGABRT;
}

/* The channel has lost its last reference, its listener's own. */
static bool listened(garn_chan *c)
{
	(void)c;
	fatal("chan_unref: this channel is garn_notify's, and garn_notify_stop drops it");
}

static garn_chan *failed(int err)
{
	*garn_errno_location() = err;
	return NULL;
}

/* Runs on: g, foreign. May park. */
garn_chan_of(int) garn_notify(int sig)
{
	mustgetg();
	if (sig < 1 || sig > OS_NSIG || isfault(sig))
		return (garn_chan_of(int))failed(EINVAL);
	struct listener *l = malloc(sizeof *l);
	if (!l)
		return (garn_chan_of(int))failed(ENOMEM);
	garn_chan *c = garn_chan_make(sizeof(int), sig >= SIGRTMIN ? ROOM_REALTIME : ROOM);
	*l = (struct listener){ .c = c, .sig = sig };
	chan_atend(c, listened);
	garn_mutex_lock(&sn.changing);
	int err = addlistener(l);
	garn_mutex_unlock(&sn.changing);
	if (err != 0) {
		chan_atend(c, NULL);
		garn_chan_unref(c);
		free(l);
		return (garn_chan_of(int))failed(err);
	}
	return (garn_chan_of(int))c;
}

/* Runs on: g, foreign. May park. */
void garn_notify_stop(garn_chan_of(int) ch)
{
	garn_chan *c = (garn_chan *)ch;
	if (!c)
		return;
	mustgetg();
	garn_mutex_lock(&sn.changing);
	struct listener *l = sn.first;
	while (l && l->c != c)
		l = l->next;
	if (!l)
		fatal("garn_notify_stop: not a channel of garn_notify, or stopped already");
	droplistener(l);
	garn_mutex_unlock(&sn.changing);
	free(l);
	chan_atend(c, NULL);
	garn_chan_unref(c);
}
