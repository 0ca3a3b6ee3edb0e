/* The few names every file uses. Pure C, no OS, no goroutines. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define nelem(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, field) ((type *)((char *)(p)-offsetof(type, field)))
#define CACHELINE 64
#define cache_aligned __attribute__((aligned(CACHELINE)))
#define noinline __attribute__((noinline))

/* Sanitizers: which one this build is for. TSan's by name, as some files are compiled without it (see the Makefile). */
#ifdef GARN_TSAN
#define SAN_THREAD 1
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SAN_ADDRESS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SAN_ADDRESS 1
#endif
#endif
#ifndef SAN_THREAD
#define SAN_THREAD 0
#endif
#ifndef SAN_ADDRESS
#define SAN_ADDRESS 0
#endif

/* For TSan: what was done before the release comes before what is done after an acquire of the same address. */
#if SAN_THREAD
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
#define san_acquire(p) __tsan_acquire(p)
#define san_release(p) __tsan_release(p)
#else
#define san_acquire(p) ((void)(p))
#define san_release(p) ((void)(p))
#endif

/* What goroutines use one after the other (descriptors, stacks, sudogs, fibers) puts them in an order for TSan, which then sees no race
 * between them. So its builds give the oldest back first, and none of the last few: what is hidden is a race with one that ended long ago. */
enum { SAN_KEPT = SAN_THREAD ? 512 : 0 };

/* Functions that run on g0 and never return there: a sanitizer's bookkeeping of frames would
 * pile up, as the next switch starts g0's stack afresh. (noinline: inlined, they would be instrumented with the rest.) */
#if defined(__clang__) && SAN_THREAD
#define g0func __attribute__((disable_sanitizer_instrumentation, __noinline__))
#elif SAN_ADDRESS
#define g0func __attribute__((no_sanitize_address))
#elif SAN_THREAD
#define g0func __attribute__((no_sanitize_thread))
#else
#define g0func
#endif

/* xorshift64*: a small generator for choices that only need to be spread, not secret. State must not be 0. */
static inline uint32_t rand_next(uint64_t *s)
{
	uint64_t x = *s;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*s = x;
	return (uint32_t)((x * 0x2545F4914F6CDD1Dull) >> 32);
}

/* A number in [0, n), n > 0, without a division. */
static inline uint32_t rand_below(uint64_t *s, uint32_t n)
{
	return (uint32_t)(((uint64_t)rand_next(s) * n) >> 32);
}

#endif
