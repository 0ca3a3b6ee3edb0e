/* What sanitizers and Valgrind must be told of switches (Valgrind of stacks: in stack/). Empty in a plain build.
 *
 * TSan: each g and each g0 is a fiber, switched without synchronization, or every race would be hidden. So what
 * does order goroutines is said explicitly: goready and newproc release the g, its resumption acquires it; a lock that is
 * unlocked on g0 by gopark is released by the g. g0 knows nothing of the gs it runs, or it would tell the next whose timer it runs:
 * what it does for one (unlockf, timers) is an errand, on a fiber for that alone. The scheduler itself, and what
 * lies below it, is not instrumented (see the Makefile): its fields belong to a P, which fibers share in turn, unseen
 * by TSan. Thread-local variables are shared in the same way: what goroutines do with those of an M is not reported (san.c).
 * ASan: each switch is announced with the bounds of the stack to come. LeakSanitizer: live stacks are roots. */
#ifndef SCHED_SAN_H
#define SCHED_SAN_H

#include "core/runtime.h"

#if SAN_THREAD
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);
void *san_newfiber(void);
void san_freefiber(void *fiber);
#endif
#if SAN_ADDRESS
void __sanitizer_start_switch_fiber(void **save, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *save, const void **oldbottom, size_t *oldsize);
void __asan_unpoison_memory_region(void const volatile *addr, size_t size);
void __lsan_register_root_region(const void *p, size_t size);
void __lsan_unregister_root_region(const void *p, size_t size);
#endif

/* About to leave `from` (dead: for good) for `to`. */
static inline void san_leave(struct g *from, struct g *to, bool dead)
{
#if SAN_THREAD
	if (to == to->m->g0)
		__tsan_release(from);
	__tsan_switch_to_fiber(to->fiber, 1);
#endif
#if SAN_ADDRESS
	__sanitizer_start_switch_fiber(dead ? NULL : &from->fiber, (void *)to->stack.lo, to->stack.hi - to->stack.lo);
#endif
	(void)from, (void)to, (void)dead;
}

/* Have arrived on gp's stack. */
static inline void san_arrive(struct g *gp)
{
#if SAN_ADDRESS
	__sanitizer_finish_switch_fiber(gp->fiber, NULL, NULL);
	gp->fiber = NULL;
#endif
	(void)gp;
}

/* The thread of an M begins. */
#if SAN_THREAD
void san_threadstart(struct g *g0);
#else
static inline void san_threadstart(struct g *g0) { (void)g0; }
#endif

/* g0 acts for somebody: it sees what was released to `of`, and forgets it at the end. Runs on: g0. */
#if SAN_THREAD
void *san_errand(void *of);
void san_errandover(void *errand);
#else
static inline void *san_errand(void *of) { return of; }
static inline void san_errandover(void *errand) { (void)errand; }
#endif

/* A g with its stack comes to life, or goes. */
static inline void san_birth(struct g *gp)
{
#if SAN_THREAD
	gp->fiber = san_newfiber();
#endif
#if SAN_ADDRESS
	__lsan_register_root_region((void *)gp->stack.lo, gp->stack.hi - gp->stack.lo);
#endif
	(void)gp;
}

static inline void san_death(struct g *gp)
{
#if SAN_THREAD
	san_freefiber(gp->fiber);
	gp->fiber = NULL;
#endif
#if SAN_ADDRESS
	__lsan_unregister_root_region((void *)gp->stack.lo, gp->stack.hi - gp->stack.lo);
	__asan_unpoison_memory_region((void *)gp->stack.lo, gp->stack.hi - gp->stack.lo);
#endif
	(void)gp;
}

#define SAN_ANY (SAN_ADDRESS || SAN_THREAD)

/* Memory of ours that holds the only pointers to what the user has allocated. */
static inline void san_root(void *p, size_t n)
{
#if SAN_ADDRESS
	__lsan_register_root_region(p, n);
#endif
	(void)p, (void)n;
}

/* Valgrind takes what lies below the stack pointer for dead; g0 starts a bit below its thread's frames. */
#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>) && !SAN_ADDRESS && !SAN_THREAD
#include <valgrind/memcheck.h>
#define vg_g0(top)                                                         \
	((void)VALGRIND_STACK_REGISTER((top) - (64 << 10), top),           \
	 (void)VALGRIND_MAKE_MEM_UNDEFINED((top) - (64 << 10), 64 << 10))
#endif
#endif
#ifndef vg_g0
#define vg_g0(top) ((void)0)
#endif

#endif
