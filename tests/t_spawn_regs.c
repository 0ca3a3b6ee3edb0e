// What a call keeps, a wait keeps: callee-saved registers, the stack with its red zone and alignment, the direction flag. And a new
// goroutine starts as after a call: stack aligned, flags clear, room above its arguments.
// FLAGS: -O2
// FLAGS: -O0
// FLAGS: -O3 -fomit-frame-pointer
// FLAGS: -O2 -fPIC
#include "test.h"

#include <garn.h>
#include <stdarg.h>

static garn_waitgroup wg;

#if defined(__x86_64__)
#include <emmintrin.h>

// uint64_t across(uint64_t seed, void (*fn)(void)): calls fn with a number in each callee-saved register; the number of those
// that came back changed.
__asm__(".text\n.p2align 4\n"
	"across:\n .cfi_startproc\n"
	" pushq %rbp\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset rbp, 0\n pushq %rbx\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset rbx, 0\n"
	" pushq %r12\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r12, 0\n pushq %r13\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r13, 0\n"
	" pushq %r14\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r14, 0\n pushq %r15\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r15, 0\n"
	" pushq %rdi\n .cfi_adjust_cfa_offset 8\n"
	" leaq 1(%rdi), %rbx\n leaq 2(%rdi), %rbp\n leaq 3(%rdi), %r12\n"
	" leaq 4(%rdi), %r13\n leaq 5(%rdi), %r14\n leaq 6(%rdi), %r15\n"
	" call *%rsi\n"
	" movq (%rsp), %rdi\n xorl %eax, %eax\n"
	" subq %rdi, %rbx\n cmpq $1, %rbx\n je 1f\n incl %eax\n1:"
	" subq %rdi, %rbp\n cmpq $2, %rbp\n je 1f\n incl %eax\n1:"
	" subq %rdi, %r12\n cmpq $3, %r12\n je 1f\n incl %eax\n1:"
	" subq %rdi, %r13\n cmpq $4, %r13\n je 1f\n incl %eax\n1:"
	" subq %rdi, %r14\n cmpq $5, %r14\n je 1f\n incl %eax\n1:"
	" subq %rdi, %r15\n cmpq $6, %r15\n je 1f\n incl %eax\n1:"
	" popq %rdi\n .cfi_adjust_cfa_offset -8\n"
	" popq %r15\n .cfi_adjust_cfa_offset -8\n popq %r14\n .cfi_adjust_cfa_offset -8\n"
	" popq %r13\n .cfi_adjust_cfa_offset -8\n popq %r12\n .cfi_adjust_cfa_offset -8\n"
	" popq %rbx\n .cfi_adjust_cfa_offset -8\n popq %rbp\n .cfi_adjust_cfa_offset -8\n"
	" ret\n .cfi_endproc\n");
uint64_t across(uint64_t seed, void (*fn)(void));

// The pushed flags.
static uint64_t flags(void)
{
	uint64_t f;
	__asm__ volatile("subq $128, %%rsp\n\tpushfq\n\tpopq %0\n\taddq $128, %%rsp" : "=r"(f));
	return f;
}
#else
static uint64_t across(uint64_t seed, void (*fn)(void))
{
	(void)seed;
	fn();
	return 0;
}
static uint64_t flags(void) { return 0; }
#endif

static garn_mutex mutex;

static void yields(void) { garn_yield(); }
static void sleeps(void) { garn_sleep(GARN_US(20)); }
static void sender(chan(int) to) { chan_send(to, 1); }
static void receives(void)
{
	chan(int) c = chan_make(int, 0);
	go(sender, c);
	CHECK_EQ(chan_recv(c), 1);
	chan_unref(c);
}
static void selects(void)
{
	chan(int) c = chan_make(int, 0);
	CHECK_EQ(chan_select(on_recv(c, NULL), on_timeout(GARN_US(10))), 1);
	chan_unref(c);
}
static void locks(void)
{
	garn_mutex_lock(&mutex);
	garn_yield();
	garn_mutex_unlock(&mutex);
}
static void nothing(void) { garn_waitgroup_done(&wg); }
static void spawns(void)
{
	garn_waitgroup_add(&wg, 1);
	go(nothing);
}
static void locked(void)
{
	garn_lock_os_thread();
	garn_yield();
	garn_unlock_os_thread();
}
static void body(void *arg) { *(int *)arg = 1; }
static void onstack(void)
{
	int called = 0;
	garn_on_thread_stack(body, &called);
	CHECK_EQ(called, 1);
}

static void (*const calls[])(void) = { yields, sleeps, receives, selects, locks, spawns, locked, onstack };
enum { CALLS = sizeof(calls) / sizeof(*calls) };

static void keeper(unsigned id)
{
	for (unsigned i = 0; i < 40; i++) {
		void (*fn)(void) = calls[(id + i) % CALLS];
		CHECK_EQ(across((uint64_t)id << 32 | i << 8, fn), 0);
		CHECK_EQ(flags() & 0x400, 0); // direction
	}
	garn_waitgroup_done(&wg);
}

static void registers(void)
{
	unsigned n = (unsigned)T_SCALED(100) + 2;
	garn_waitgroup_add(&wg, (int)n);
	for (unsigned i = 0; i < n; i++)
		go(keeper, i);
	garn_waitgroup_add(&wg, 1);
	keeper(n - 1);
	garn_waitgroup_wait(&wg);
}

// ---- the new goroutine's first frame ----

struct b48 {
	long v[6];
};

// Aligned spills: the compiler uses movaps for these, which faults on a stack that is off by 8.
__attribute__((noinline)) static void aligned(int n)
{
	_Alignas(16) volatile char a[16];
	_Alignas(64) volatile char b[64];
	a[0] = b[0] = (char)n;
	CHECK_EQ((uintptr_t)a % 16, 0);
	CHECK_EQ((uintptr_t)b % 64, 0);
#if defined(__x86_64__)
	// The caller's frame ends at a multiple of 16: return address and frame pointer lie below.
	CHECK_EQ((uintptr_t)__builtin_frame_address(0) % 16, 0);
	volatile __m128d v = _mm_set_pd(1, n);
	garn_yield();
	CHECK(((const volatile double *)&v)[0] == n);
#endif
	CHECK_EQ(flags() & 0x400, 0);
}
static void first0(void)
{
	aligned(1);
	garn_waitgroup_done(&wg);
}
static void firststack(int a, int b, int c, int d, int e, int f, struct b48 s, int g)
{
	aligned(a + b + c + d + e + f);
	CHECK(s.v[5] == 6 && g == 7);
	garn_waitgroup_done(&wg);
}
// A variadic function saves its vector registers aligned when al says there are some.
static void firstvariadic(int n, ...)
{
	va_list ap;
	va_start(ap, n);
	CHECK(va_arg(ap, double) == 1.5);
	va_end(ap);
	aligned(n);
	garn_waitgroup_done(&wg);
}
// It may write to its own stack arguments.
static void writes(long a, long b, long c, long d, long e, long f, struct b48 s)
{
	volatile struct b48 *p = (volatile struct b48 *)&s;
	for (int i = 0; i < 6; i++) {
		p->v[i] = a + b + c + d + e + f + i;
		garn_yield();
	}
	for (int i = 0; i < 6; i++)
		CHECK_EQ(p->v[i], 21 + i);
	garn_waitgroup_done(&wg);
}

static void firsts(void)
{
	struct b48 s = { { 1, 2, 3, 4, 5, 6 } };
	int n = T_SCALED(50);
	garn_waitgroup_add(&wg, 5 * n);
	for (int i = 0; i < n; i++) {
		go(first0);
		go(firststack, 1, 2, 3, 4, 5, 6, s, 7);
		go(firstvariadic, 3, 1.5);
		go(writes, 1, 2, 3, 4, 5, 6, s);
		go_with(garn_attr(.stack = GARN_KB(64u << i % 5)), firststack, 1, 2, 3, 4, 5, 6, s, 7);
	}
	garn_waitgroup_wait(&wg);
}

int main(void)
{
	registers();
	firsts();
	return 0;
}
