/* Atomics under names that carry their order. A use that pairs with another carries a tag, rel[XX] and acq[XX],
 * and tools/pairs fails on a tag without its partner. They work on plain integers and pointers. */
#ifndef BASE_ATOMIC_H
#define BASE_ATOMIC_H

#define load_rlx(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define load_acq(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define load_sc(p) __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define store_rlx(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define store_rel(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define store_sc(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)
#define add_rlx(p, v) __atomic_add_fetch((p), (v), __ATOMIC_RELAXED)
#define add_acqrel(p, v) __atomic_add_fetch((p), (v), __ATOMIC_ACQ_REL)
#define add_sc(p, v) __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)
#define xchg_acqrel(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define xchg_sc(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define or_acqrel(p, v) __atomic_or_fetch((p), (v), __ATOMIC_ACQ_REL)
#define and_acqrel(p, v) __atomic_and_fetch((p), (v), __ATOMIC_ACQ_REL)
#define fence_sc() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define fence_compiler() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* Compare and swap: true when *p was old and is now val. */
#define cas_rlx(p, old, val) cas_((p), (old), (val), __ATOMIC_RELAXED, __ATOMIC_RELAXED)
#define cas_acq(p, old, val) cas_((p), (old), (val), __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
#define cas_rel(p, old, val) cas_((p), (old), (val), __ATOMIC_RELEASE, __ATOMIC_RELAXED)
#define cas_acqrel(p, old, val) cas_((p), (old), (val), __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#define cas_sc(p, old, val) cas_((p), (old), (val), __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
#define cas_(p, old, val, succ, fail)                                                          \
	__extension__({                                                                        \
		__typeof__(*(p)) cas_expected_ = (old);                                        \
		__atomic_compare_exchange_n((p), &cas_expected_, (val), false, (succ), (fail)); \
	})

/* A breath for the other hardware thread inside a spin. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#else
	__asm__ volatile("" ::: "memory");
#endif
}

#endif
