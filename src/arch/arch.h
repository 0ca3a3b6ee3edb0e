/* The contract of a CPU: what one .S file must give. amd64.S is the one there is.
 *
 * A context that does not run is its stack pointer: below it nothing, at it one frame that every port lays out as it
 * likes (amd64: floating-point control words, callee-saved registers, the address to go on at). Only
 * callee-saved state is kept, as each switch is a call for the compiler. */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include "base/base.h"

struct g;

/* Where a context that does not run can be found again. gogo needs sp only: the rest lies on the stack. The first field
 * of struct g. */
struct gobuf {
	uintptr_t sp;
	uintptr_t pc; /* of g0; of a goroutine: where its stack is while it is packed (stack/pack.c) */
	uintptr_t limit; /* how low code compiled with -fsplit-stack may go: see split.S */
	uint32_t mxcsr; /* of g0: what the thread's floating-point control words are now */
	uint32_t fpcw;
};

/* Where the switches find g.m, m.g0 and m.curg. */
enum { ARCH_G_M = 32, ARCH_M_G0 = 0, ARCH_M_CURG = 8 };

/* The g that runs on this thread: g0 inside the scheduler, null on a thread that has never called garn.
 * Initial-exec: read afresh from the thread register each time, never an address kept across a switch. */
extern __thread struct g *garn_g __attribute__((tls_model("initial-exec")));
g0func static inline struct g *getg(void)
{
	return garn_g;
}

#if defined(__x86_64__)
/* A call whose arguments are all in integer registers. */
struct spawncall {
	uint32_t mxcsr, fpcw;
	uint64_t rax;       /* al: number of vector registers, for variadic functions */
	uint64_t arg[6];    /* rdi rsi rdx rcx r8 r9 */
	uint64_t chain;     /* r10: the function, or a struct garn_spawn_with * */
};
/* What the stub of `go` saves: every register an argument can be in. 208 bytes, then padding and the
 * return address of the stub, then the stack-passed arguments. */
struct spawnframe {
	struct spawncall call;
	uint64_t pad;
	uint64_t xmm[8][2];
	uint64_t pad2;
	uint64_t retpc;     /* who said go */
};
/* The saved context, lowest address first. */
struct switchframe {
	uint32_t mxcsr, fpcw;
	uint64_t r15, r14, r13, r12, rbx, rbp;
	uint64_t pc;
};
enum { ARCH_STACKALIGN = 16 };
#else
#error "garn: this CPU has no port yet: see src/arch/arch.h"
#endif

/* What the switches call upward: set before main. kind: bytes of stack arguments to copy, and flags. */
enum {
	SPAWN_WITH = 0x1000, /* chain is a struct garn_spawn_with * */
	SPAWN_REGS = 0x2000, /* all arguments are in integer registers */
};
extern struct arch_up {
	void (*goexit1)(void);
	void (*newproc)(struct spawnframe *fr, uint32_t kind);
	void (*started)(void); /* on the new stack, first of all; null but for sanitizers */
	void (*newstack)(uintptr_t sp, size_t frame); /* for code compiled with -fsplit-stack: see split.S */
} arch_up;

/* The word that code compiled with -fsplit-stack compares its stack pointer with, in this thread's control block. For two compilers'
 * comparisons, one with a sign, a stack pointer is never above the poison. */
#define STACK_POISON ((uintptr_t)INTPTR_MAX)
static inline uintptr_t *arch_limit(void)
{
	uintptr_t tcb;
	__asm__ volatile("movq %%fs:0, %0" : "=r"(tcb));
	return (uintptr_t *)(tcb + 0x70);
}

#ifdef GARN_HARD
/* What C may do to the registers that it need not keep, it does here. */
static inline void arch_clobber(void)
{
	if (__builtin_cpu_supports("avx"))
		__asm__ volatile("vzeroall" : : : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7");
	__asm__ volatile("xorl %%eax, %%eax; xorl %%ecx, %%ecx; xorl %%edx, %%edx; xorl %%esi, %%esi; xorl %%edi, %%edi; xorl %%r8d, %%r8d;"
	                 "xorl %%r9d, %%r9d; xorl %%r10d, %%r10d; xorl %%r11d, %%r11d"
	                 : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc");
}
#else
static inline void arch_clobber(void)
{
}
#endif

/* Go on with gp, whose context was saved by mcall. Runs on: g0. Never returns. */
void gogo(struct g *gp);
/* Save the calling g, switch to its M's g0, from the top of g0's stack, and call fn(gp) there, which never
 * returns; mcall returns when somebody does gogo(gp). Runs on: g. */
void mcall(void (*fn)(struct g *));
/* Run fn(arg) on g0's stack and come back. Runs on: g, g0, foreign (on the last two: a plain call). */
void systemstack(void (*fn)(void *), void *arg);
/* Record in buf where the caller stands: stack pointer, return address, frame, floating-point words. For g0: mcall
 * and systemstack start from there. Runs on: any. */
void gosave(struct gobuf *buf);
/* Enter gp for the first time: its stack pointer is at a return address (goexit + 1), above it the stack arguments; fr has
 * the registers and the function. Runs on: g0. Never returns. */
void gostart(struct g *gp, const struct spawnframe *fr);
/* The same for a call without vector registers. */
void gostart_regs(struct g *gp, const struct spawncall *call);
/* What goroutines return to, at +1. Not to be called. */
void goexit(void);
/* Call fn(arg) on the caller's own stack, with frame information by which gp's saved context called it: an unwinder that
 * walks up from fn comes to gp's frames. gp does not run, or the walk may end in nonsense. Runs on: any. */
void unwind_on(struct g *gp, void (*fn)(void *), void *arg);

#endif
