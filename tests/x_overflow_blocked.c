// A signal handler on the alternate stack, without end, and with all signals blocked: the kernel ends it, as nobody may be asked. It ends
// at the guard below that stack: what lies there is not written over before.
// EMBED
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// TIMEOUT: 20
// EXPECT: ended at the guard
// REJECT: fatal error: stack overflow
#include "test.h"

#include <garn.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

static struct {
	uintptr_t stack, reached; // the alternate stack's lowest byte, and the handler's
} *seen;                          // shared with the parent, as the process dies

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int recurse(int n)
{
	volatile char b[100];
	b[0] = (char)n;
	seen->reached = (uintptr_t)b;
	return recurse(n + 1) + b[0];
}

static void handler(int sig)
{
	stack_t ss;
	CHECK_EQ(sigaltstack(NULL, &ss), 0);
	CHECK_EQ(ss.ss_flags, SS_ONSTACK);
	seen->stack = (uintptr_t)ss.ss_sp;
	recurse(sig);
}

static void worker(void)
{
	raise(SIGUSR1);
}

static int start(int argc, char **argv)
{
	(void)argv;
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_ONSTACK };
	sigfillset(&act.sa_mask);
	sigaction(SIGUSR1, &act, NULL);
	go(worker);
	garn_sleep(GARN_S(10));
	return argc;
}

int main(int argc, char **argv)
{
	int status;
	seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(seen != MAP_FAILED);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		return garn_run(start, argc, argv);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	CHECK(seen->reached >= seen->stack && seen->reached < seen->stack + 4096);
	fputs("ended at the guard\n", stderr);
	raise(SIGSEGV); // as the child
	return 0;
}
