// A function run by garn_on_thread_stack that overflows the thread's stack: named, as what it is, and its goroutine is shown once. With frames that
// step 60 KB down, as libc's may, too.
// FLAGS: -DSTEP=100
// FLAGS: -DSTEP=60000 -fno-stack-clash-protection
// PROCS: 2
// ENV: GARN_TRACEBACK=all
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: thread stack exceeds
// EXPECT: fatal error: stack overflow
// EXPECT: (garn_on_thread_stack: the stack of a thread has 256 KB
// EXPECT: [running, locked to thread]:
// EXPECT: recurse
// EXPECT: garn_on_thread_stack
// EXPECT: worker
// EXPECT: goroutine 1 [s
// REJECT: running on other thread
// REJECT: SIGSEGV
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#include <garn.h>

__attribute__((noinline)) static int recurse(int n)
{
	volatile char b[STEP]; // untouched but for its lowest byte
	b[0] = (char)n;
	return recurse(n + 1) + b[0];
}

static void onthread(void *arg)
{
	recurse(*(int *)arg);
}

static void worker(void)
{
	int n = 1;
	garn_on_thread_stack(onthread, &n);
	__asm__ volatile("");
}

int main(void)
{
	garn_lock_os_thread(); // so the other one has a thread that is not the process's first
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
