// The handshake of retake.c alone: two threads that use one P in short brackets, clear the mark on their way as gopark does, ask for the P
// again where they may wait, and a third that retakes it all the time. The P is never used by two, every use is counted, and each thread
// comes to its end: so whoever wants the P gets it. What is around the protocol (the queue for the P) is replaced here. And those who compute
// without a P are counted anew while they come and go: each is asked once, without the lock, and the counts are right.
// TIMEOUT: 30
// LINK: arch/arch.c core/lock.c core/hard.c core/throw.c core/globals.c base/print.c os/osinit.c os/futex.c os/clock.c os/fail.c os/mem.c os/thread.c os/cpu.c
#include "sched/retake.c"
#include "test.h"
#include <pthread.h>
#include <sched.h>

enum { MS = 2, ROUNDS = T_SCALED(40000) };

static struct m ms[MS];
static struct g gs[MS];
static struct p thep;
static uint64_t uses;      // plain: of who has the P
static uint32_t busy, stop; // A
static uint64_t mine[MS], retaken;

// ---- who waits for the P, in order ----------------------------------------------------------------

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static struct p *idle;           // under mu
static struct m *waiting[MS];    // under mu
static int nwaiting;             // under mu

// ---- who computes, who sleeps ---------------------------------------------------------------------

enum { HOGGING = 100 };
static struct m hogging[HOGGING]; // their tids are 1, 2, 3...
static uint32_t asked[HOGGING + 1];
static bool alone; // no other threads

bool computes(int tid, struct cpulook *last, int64_t now)
{
	CHECK(last->when != now);
	last->when = now;
	return alone ? asked[tid]++, tid % 3 == 0 : now % 4 == 0;
}

bool asleep(int tid)
{
	if (!alone)
		return tid == 0;
	CHECK_EQ(load_rlx(&deciding.key), 0);
	asked[tid]++;
	if (tid % 5 == 0)
		notstray(&hogging[tid - 1]); // has got a P meanwhile
	if (tid % 7 == 0) { // that one's thread has ended, and its m is another's
		notstray(&hogging[tid - 1]);
		hogging[tid - 1].tid += 1000;
		stray(&hogging[tid - 1], STRAY_HOG);
	}
	return tid % 2 == 0;
}

static void recounts(void)
{
	int32_t hogs = 0, strays_ = 0;
	alone = true;
	sched.maxhogs = 1;
	for (int i = 0; i < HOGGING; i++) {
		hogging[i].tid = i + 1;
		stray(&hogging[i], i % 11 == 10 ? STRAY_ASLEEP : STRAY_HOG);
	}
	recounthogs(20000000);
	recounthogs(20000001); // too soon
	alone = false;
	for (int tid = 1; tid <= HOGGING; tid++) {
		struct m *mp = &hogging[tid - 1];
		bool hog = tid % 11 != 0, mayask = hog && tid % 3 != 0, left = mayask && tid % 5 == 0 && tid % 7 != 0,
		     again = mayask && tid % 7 == 0, sleeps = mayask && tid % 2 == 0 && !again;
		CHECK_EQ(asked[tid], !hog ? 0 : mayask ? 2 : 1);
		CHECK_EQ(mp->stray, left ? STRAY_NOT : !hog || sleeps ? STRAY_ASLEEP : STRAY_HOG);
		hogs += mp->stray == STRAY_HOG;
		strays_ += mp->stray != STRAY_NOT;
	}
	CHECK_EQ(sched.nhogs, hogs);
	CHECK_EQ(sched.nstray, strays_);
	for (int i = 0; i < HOGGING; i++)
		notstray(&hogging[i]);
	CHECK(sched.nhogs == 0 && sched.nstray == 0 && !strays);
}

void acquirep(struct m *mp, struct p *pp)
{
	CHECK(!load_rlx(&mp->p) && !load_rlx(&pp->m) && load_rlx(&pp->status) == Pidle);
	store_rlx(&mp->p, pp);
	store_rlx(&mp->mark, 0);
	notstray(mp);
	store_rlx(&pp->status, Prunning);
	store_rlx(&pp->m, mp);
}

struct p *releasep(struct m *mp)
{
	struct p *pp = load_rlx(&mp->p);
	CHECK(pp == &thep && load_rlx(&pp->m) == mp && load_rlx(&pp->status) == Prunning);
	store_rlx(&mp->p, NULL);
	store_rlx(&pp->m, NULL);
	store_rlx(&pp->status, Pidle);
	return pp;
}

void handoffp(struct p *pp)
{
	pthread_mutex_lock(&mu);
	if (nwaiting > 0) {
		store_rel(&waiting[0]->nextp, pp); // rel[XX]
		waiting[0] = waiting[1];
		nwaiting--;
	} else {
		idle = pp;
	}
	pthread_mutex_unlock(&mu);
}

static struct p *takeidle(void)
{
	struct p *pp = idle;
	idle = NULL;
	return pp;
}

bool takep(struct m *mp, bool spin)
{
	CHECK(!spin);
	pthread_mutex_lock(&mu);
	struct p *pp = takeidle();
	pthread_mutex_unlock(&mu);
	if (pp)
		acquirep(mp, pp);
	return pp != NULL;
}

// As gopreempt: gives up what it has, queues up, waits on its thread; and execute is the pleave.
void gopreempt(struct g *gp, bool home)
{
	struct m *mp = gp->m;
	(void)home;
	CHECK_EQ(load_rlx(&mp->inrt), 1);
	if (load_rlx(&mp->p))
		handoffp(releasep(mp));
	notstray(mp);
	pthread_mutex_lock(&mu);
	struct p *pp = takeidle();
	if (!pp)
		waiting[nwaiting++] = mp;
	pthread_mutex_unlock(&mu);
	while (!pp) {
		sched_yield();
		pp = load_acq(&mp->nextp); // acq[XX]
	}
	mp->nextp = NULL;
	acquirep(mp, pp);
	store_rel(&mp->inrt, 0); // rel[XX]
}

// ---- the three --------------------------------------------------------------------------------------

// With the P, inside a bracket.
static void use(int i)
{
	CHECK(__atomic_fetch_add(&busy, 1, __ATOMIC_RELAXED) == 0);
	uses++;
	mine[i]++;
	CHECK(__atomic_fetch_sub(&busy, 1, __ATOMIC_RELAXED) == 1);
}

static void *user(void *arg)
{
	int i = (int)(intptr_t)arg;
	struct m *mp = &ms[i];
	struct t_rng r = t_rng(t_seed(), (uint64_t)i);
	garn_g = &gs[i];
	for (int n = 0; n < ROUNDS; n++) {
		struct p *pp;
		switch (t_below(&r, 8)) {
		case 0:
			penter_park(mp);
			pp = load_rlx(&mp->p);
			break;
		case 1:
			pp = penter_wait(&gs[i]);
			CHECK(pp == &thep);
			break;
		case 2:
			entersyscall();
			CHECK_EQ(load_rlx(&mp->insyscall), 1);
			exitsyscall();
			CHECK_EQ(load_rlx(&mp->insyscall), 0);
			pp = penter(mp);
			break;
		case 3:
			entersyscallblock();
			CHECK(!load_rlx(&mp->p) && load_rlx(&mp->mark));
			exitsyscall();
			pp = penter(mp);
			break;
		case 4:
			callpoint(&gs[i]); // fallthrough
		default:
			pp = penter(mp);
			break;
		}
		if (pp)
			use(i);
		CHECK_EQ(load_rlx(&mp->inrt), 1);
		pleave(mp);
		for (uint64_t k = t_below(&r, 16) == 0 ? 200 : 0; k > 0; k--)
			cpu_relax(); // for long without the runtime
	}
	penter(mp);
	if (load_rlx(&mp->p))
		handoffp(releasep(mp));
	notstray(mp);
	return NULL;
}

static void *retaker(void *arg)
{
	int64_t now = 40000000;
	(void)arg;
	while (!load_acq(&stop)) { // acq[XX]
		for (int i = 0; i < 100; i++)
			cpu_relax(); // the lock is not fair to those who wait for the decision
		retaken += retake(&thep, retaken % 2 ? STRAY_HOG : STRAY_ASLEEP);
		recounthogs(now += 10000001);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[MS + 1];
	t_seed();
	osinit();
	recounts();
	idle = &thep;
	for (int i = 0; i < MS; i++) {
		ms[i].g0 = &ms[i].g0s;
		gs[i].m = &ms[i];
		ms[i].mark = 1;
	}
	for (int i = 0; i <= MS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, i < MS ? user : retaker, (void *)(intptr_t)i), 0);
	for (int i = 0; i < MS; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	store_rel(&stop, 1); // rel[XX]
	CHECK_EQ(pthread_join(t[MS], NULL), 0);
	CHECK_EQ(uses, mine[0] + mine[1]);
	CHECK(sched.nstray == 0 && sched.nhogs == 0);
	CHECK(idle == &thep);
	printf("%llu uses, retaken %llu times\n", (unsigned long long)uses, (unsigned long long)retaken);
	return 0;
}
