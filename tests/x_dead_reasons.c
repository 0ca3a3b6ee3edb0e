// Each goroutine of a deadlock with what it waits for, in order of their numbers.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [sync.WaitGroup.Wait]:
// EXPECT: main
// EXPECT: x_dead_reasons.c:130
// EXPECT: [chan receive]:
// EXPECT: f_recv
// EXPECT: x_dead_reasons.c:60
// EXPECT: created by main in goroutine 1
// EXPECT: x_dead_reasons.c:119
// EXPECT: [chan receive (nil chan)]:
// EXPECT: f_recv
// EXPECT: created by main in goroutine 1
// EXPECT: x_dead_reasons.c:120
// EXPECT: [chan send]:
// EXPECT: f_send
// EXPECT: x_dead_reasons.c:65
// EXPECT: [chan send (nil chan)]:
// EXPECT: f_send
// EXPECT: [select]:
// EXPECT: f_select
// EXPECT: x_dead_reasons.c:71
// EXPECT: [select (no cases)]:
// EXPECT: f_nocases
// EXPECT: x_dead_reasons.c:76
// EXPECT: [sync.Mutex.Lock]:
// EXPECT: f_mutex
// EXPECT: x_dead_reasons.c:82
// EXPECT: [sync.RWMutex.RLock]:
// EXPECT: f_rlock
// EXPECT: x_dead_reasons.c:88
// EXPECT: [sync.RWMutex.Lock]:
// EXPECT: f_wlock
// EXPECT: x_dead_reasons.c:94
// EXPECT: [sync.Cond.Wait]:
// EXPECT: f_cond
// EXPECT: x_dead_reasons.c:101
// EXPECT: [semacquire]:
// EXPECT: f_sem
// EXPECT: x_dead_reasons.c:107
// REJECT: gopark
// REJECT: mcall
// REJECT: goexit
// REJECT: garn_chan
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
// REJECT: [running
// REJECT: [runnable
#include <garn.h>

static garn_mutex mu, cmu;
static garn_rwmutex rw, wr;
static garn_cond cond;
static garn_sem sem;
static garn_waitgroup wg;

static void f_recv(chan(int) c)
{
	chan_recv(c);
}

static void f_send(chan(int) c)
{
	chan_send(c, 1);
}

static void f_select(chan(int) a, chan(int) b)
{
	int v;
	chan_select(on_recv(a, &v), on_send(b, 1));
}

static void f_nocases(void)
{
	garn_select(NULL, 0);
	__asm__ volatile(""); // the last call of a function may be a jump, which leaves no trace
}

static void f_mutex(void)
{
	garn_mutex_lock(&mu);
	__asm__ volatile("");
}

static void f_rlock(void)
{
	garn_rwmutex_rlock(&rw);
	__asm__ volatile("");
}

static void f_wlock(void)
{
	garn_rwmutex_lock(&wr);
	__asm__ volatile("");
}

static void f_cond(void)
{
	garn_mutex_lock(&cmu);
	garn_cond_wait(&cond, &cmu);
	__asm__ volatile("");
}

static void f_sem(void)
{
	garn_sem_acquire(&sem);
	__asm__ volatile("");
}

int main(void)
{
	chan(int) c = chan_make(int, 0), d = chan_make(int, 0), full = chan_make(int, 1);
	chan_send(full, 0);
	garn_mutex_lock(&mu);
	garn_rwmutex_lock(&rw);
	garn_rwmutex_rlock(&wr);
	garn_waitgroup_add(&wg, 1);
	go(f_recv, c);
	go(f_recv, NULL);
	go(f_send, full);
	go(f_send, NULL);
	go(f_select, d, full);
	go(f_nocases);
	go(f_mutex);
	go(f_rlock);
	go(f_wlock);
	go(f_cond);
	go(f_sem);
	garn_waitgroup_wait(&wg);
	return 0;
}
