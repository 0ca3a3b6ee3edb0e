/* Threads that are not ours: each that waits for something of garn gets an extra m, whose g stands for the
 * thread (needm), and gives it back when it ends (dropm). Such a g parks as a thread, on its m's note.
 * Also here: what happens when a thread of ours ends under us, and fork.
 *
 * 1. An extra m is never freed, only listed: a waker that is just leaving notewakeup may touch its note. */

#include "garn.h"
#include "sched/proc.h"
#include "sched/san.h"
#undef errno

static struct {
	struct lock lock;
	struct m *free; /* L: by schedlink */
	pthread_key_t key;
	bool havekey;
} extra;

static noinline struct m *newextram(void)
{
	lock(&extra.lock);
	struct m *mp = extra.free;
	if (mp)
		extra.free = mp->schedlink;
	unlock(&extra.lock);
	if (mp)
		return mp;
	mp = os_mmap((sizeof *mp + 4095) & ~(size_t)4095);
	if (!mp)
		fatal_os("no memory for a thread that calls garn", ENOMEM, "see " MEMORY_LIMITS);
	mp->extra = true;
	mcommoninit(mp);
	return mp;
}

/* Give the calling thread an m and a g of its own. Runs on: a thread that has none. */
struct g *needm(void)
{
	if (load_rlx(&sched.started) == 3)
		fatal("garn: in a forked child: only exec and _exit may be called there");
	struct m *mp = newextram();
	struct g *gp = &mp->g0s;
	mp->errnop = __errno_location();
	mp->tid = os_gettid();
	mp->curg = gp;
	gp->foreign = true;
	os_stackbounds(&gp->stack.lo, &gp->stack.hi);
	store_rlx(&gp->status, Grunning);
	garn_g = gp;
	san_acquire(&gp->sudog);
	if (extra.havekey)
		pthread_setspecific(extra.key, mp);
	return gp;
}

/* A thread that has called garn is ending. */
static void dropm(void *arg)
{
	struct m *mp = arg;
	if (!mp->extra) {
		if (load_rlx(&sched.started) == 1)
			fatal("pthread_exit in a goroutine: it would take the thread away from all of them; "
			      "return from the goroutine's function, or call garn_goexit");
		return;
	}
	garn_g = NULL;
	san_release(&mp->g0s.sudog);
	lock(&extra.lock);
	mp->schedlink = extra.free;
	extra.free = mp;
	unlock(&extra.lock);
}

void mthreadkey(struct m *mp)
{
	if (extra.havekey)
		pthread_setspecific(extra.key, mp);
}

static void forkedchild(void)
{
	store_rlx(&sched.started, 3);
	garn_g = NULL;
}

void foreigninit(void)
{
	if (extra.havekey)
		return;
	lockinit(&extra.lock, RANK_LEAF);
	extra.havekey = pthread_key_create(&extra.key, dropm) == 0;
	pthread_atfork(NULL, NULL, forkedchild);
}

/* Not const, as glibc's own is declared: a goroutine may have moved to another thread since the last look. */
noinline int *garn_errno_location(void)
{
	__asm__ volatile("");
	return __errno_location();
}
