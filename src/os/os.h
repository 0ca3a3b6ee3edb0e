/* The contract a port to an operating system must keep. Linux is the one there is.
 *
 * Everything here may be called on g0, on any stack of a few KB, before the runtime is up, and with no
 * lock of ours held that a signal handler would want. Nothing here mallocs. */
#ifndef OS_OS_H
#define OS_OS_H

#include "base/base.h"

/* Sleep while *addr == val, at most ns nanoseconds (ns < 0: no limit). May return early, for any reason. */
void os_futexsleep(uint32_t *addr, uint32_t val, int64_t ns);
/* Wake up to n sleepers on addr. addr need not be mapped any more: then nothing happens. */
void os_futexwake(uint32_t *addr, uint32_t n);

/* The asymmetric fence: the pair (asym_light on one side, asym_heavy on the other) orders like two full fences;
 * the light side costs nothing, the heavy side 0.2 to 5 us (membarrier). Where the kernel has no membarrier, asym_slow
 * is set in osinit, before any thread exists, and both are full fences. */
extern uint32_t asym_slow;
static inline void asym_light(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (unlikely(asym_slow))
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
void asym_heavy(void);

int64_t os_nanotime(void);          /* monotonic, nanoseconds; never 0 */
void os_usleep(uint32_t us);
void os_yield(void);
int os_gettid(void);
int os_ncpu(void);                  /* CPUs allowed by affinity, at least 1 */
int os_cgroup_limit(void);          /* CPUs the cgroup's quota pays for, rounded up; 0 for no limit */
bool os_asleep(int tid);            /* does this thread of ours sleep in the kernel? false when unknown. Takes a descriptor for a moment */
int64_t os_cputime(int tid);        /* what this thread of ours has used of CPUs, nanoseconds; -1 when unknown */
void os_ownfiles(void);             /* this thread gets a table of descriptors of its own, empty; if the kernel has that (5.9) */
int os_nthreads(void);              /* threads of this process, from /proc/self/stat; 0 when unknown */
uint64_t os_random(void);           /* never 0 */
void os_blocksignals(void);         /* all of them, for threads that never run users' code */
void os_timerslack(void);           /* this thread's sleeps end on time, not up to 50 us late */
void os_write(int fd, const void *p, size_t n); /* all of it, to a terminal or log; errors ignored */
__attribute__((noreturn)) void os_exit(int status);

/* Memory. Null when the kernel refuses. */
enum { OS_HUGEPAGE = 2 << 20 };
void *os_mmap(size_t n);             /* zeroed, committed by touch, counted as memory */
void *os_mmapaligned(size_t n, bool huge); /* the same, OS_HUGEPAGE bytes at most, at a multiple of that; huge: as one page if the kernel has it, else never */
void *os_reserve(size_t n);          /* address space for stacks: NORESERVE, no huge pages */
bool os_renew(void *p, size_t n);    /* whole pages of a reservation, as if just reserved: no pages, no guards. False: not ours any more */
void os_munmap(void *p, size_t n);
void os_unused(void *p, size_t n);   /* give the pages back; they read as zero */
/* Make [p, p+n) unreadable. Returns how: guard markers cost no mapping, a protected page costs two, and no more than three
 * quarters of vm.max_map_count are spent on these. */
enum guardkind { GUARD_MARKER, GUARD_PROTECT, GUARD_NONE };
enum guardkind os_guard(void *p, size_t n);
void os_guardsgone(uint32_t n); /* so many were in what os_renew or os_munmap took */

/* A page of a reservation goes away behind a guard marker, after n bytes at off were copied; then it comes back with them, zeros around.
 * Nothing that others write there before it goes is lost, and nobody sees it half filled. One call at a time.
 * os_takeaway: false: refused, and the page is as it was. os_putback: false: others may have seen it half filled.
 * os_awayinit: can that be done here? */
bool os_awayinit(void);
bool os_takeaway(void *page, size_t off, void *copy, size_t n);
bool os_putback(void *page, size_t off, const void *copy, size_t n);

/* Does the calling thread block signals that were not blocked at the process's start? So do handlers. Runs on: any, signal handlers too. */
bool os_sigblocked(void);
/* Start a thread with a stack of n bytes, running fn(arg), with all signals open as in the template's mask.
 * 0 or an errno. */
int os_newthread(size_t stack, void (*fn)(void *), void *arg);
void os_stackbounds(uintptr_t *lo, uintptr_t *hi); /* of the calling thread */

/* Every way in which the kernel can refuse memory, a thread, a futex or the poller's descriptors passes here, so that
 * tests can make the N-th call fail: GARN_FAIL=mmap:3,thread:1. */
enum osfail { FAIL_MMAP, FAIL_THREAD, FAIL_FUTEX, FAIL_EPOLL, FAIL_EPOLLCTL, FAIL_EVENTFD, FAIL_ACCEPT, FAIL_URING, FAIL_GUARD, FAIL_PROTECT, NFAIL };
bool os_failing(enum osfail what);

/* Descriptors that say when others are ready. Each returns what the kernel does, or -errno. */
struct epoll_event;
int os_epollcreate(void);
int os_epollctl(int ep, int op, int fd, uint32_t events, uint64_t data);
int os_epollwait(int ep, struct epoll_event *ev, int n, int64_t ns); /* at most ns (< 0: no limit); -EINTR happens */
/* fd under a number from 100 on, if there is one; else as it was. */
int os_upwards(int fd);
int os_eventfd(void);                /* non-blocking */
void os_eventfdset(int fd);
void os_eventfdclear(int fd);
void os_closefd(int fd);

/* Signals that goroutines listen for: counted by a handler, for one thread that sleeps until there are some. See signal.c. */
enum { OS_NSIG = 64 };
int os_sigcatch(int sig);           /* count it from now on. 0 or an errno */
void os_sigrelease(int sig);        /* do again what was done before, unless the program has changed it meanwhile */
uint32_t os_sigcount(int sig);      /* how many came since the last call */
void os_sigagain(int sig);          /* send it to this process once more */
void os_sigsleep(void);             /* until one was counted, or posted, since the last sleep */
void os_sigpost(void);
void os_sigopen(uint64_t which);    /* this thread takes these (bit sig - 1) and no others */

bool os_shadowstack(void);          /* does this thread's CPU check returns against a second stack? */
void osinit(void);

#endif
