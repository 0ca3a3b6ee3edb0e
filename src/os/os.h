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
bool os_munmap(void *p, size_t n);   /* false: a mapping too many, when it would split one: the pages go, the addresses stay */
void os_unused(void *p, size_t n);   /* give the pages back; they read as zero */
bool os_execstack(void);             /* stacks may hold code */
size_t os_depth(uintptr_t lo, uintptr_t hi); /* bytes from the lowest page of a stack that is in memory to its top; 0: there is none */
/* Make [p, p+n) unreadable. Returns how: guard markers cost no mapping, a protected page costs two, and no more than three
 * quarters of vm.max_map_count are spent on these. */
enum guardkind { GUARD_MARKER, GUARD_PROTECT, GUARD_NONE };
enum guardkind os_guard(void *p, size_t n);
void os_guardsgone(uint32_t n); /* so many were in what os_renew or os_munmap took */

/* Pages of a reservation go away behind guard markers and come back with what was on them, AWAY_MOST bytes at most at a time. Nothing that others
 * write there before they go is lost, and nobody sees them half filled. One call at a time.
 * os_takeaway: keep(arg) copies what is to come back, from pages that can only be read just then. AWAY_NOT: it or the kernel said no, and they are as they
 * were; AWAY_STUCK: but that the kernel would not let them be written to again, for seconds.
 * os_putback: fill(to, arg) writes it, perhaps twice; `to` stands for p, and has zeros. BACK_NOT: the kernel would not for seconds.
 * os_awayinit: can that be done here? */
enum { AWAY_MOST = 40 << 10 };
enum away { AWAY_NOT, AWAY_STUCK, AWAY_GONE };
enum back { BACK_NOT, BACK_SEEN /* others may have seen it half filled */, BACK_WHOLE };
bool os_awayinit(void);
enum away os_takeaway(void *p, size_t n, bool (*keep)(void *arg), void *arg);
enum back os_putback(void *p, size_t n, void (*fill)(char *to, void *arg), void *arg);

/* A block of a reservation is folded: nothing can be touched there, there is no page and no page table. False: refused; it may be shut all the same, so
 * unfold it. To unfold it, or more that lie side by side: os_unfolding, then put markers where they are to be, then open it with os_unfold: nobody sees it
 * without. False: refused. */
bool os_fold(void *p, size_t n);
void os_unfolding(void *p, size_t n);
bool os_mark(void *p, size_t n);
bool os_unfold(void *p, size_t n);
bool os_mayfold(void);       /* what a fold gives back of limits can be had again, as there are none: RLIMIT_DATA, vm.overcommit_memory */
uint32_t os_mostholes(void); /* so many pieces of memory may differ from their neighbours, which takes two mappings each */

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
