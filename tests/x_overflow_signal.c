// A signal that comes when so little is left of the stack that the kernel cannot put its handler's frame there. What arrives then has no
// address; it is an overflow all the same.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: [running]:
// EXPECT: sends
// EXPECT: t_atbrink
// EXPECT: frames elided...
// EXPECT: worker
// REJECT: unexpected signal
// REJECT: handled
// REJECT: libc
// REJECT: _dl_
#define _GNU_SOURCE 1
#include "t_brink.h"

#include <signal.h>
#include <sys/syscall.h>

static void handler(int sig)
{
	if (write(2, "handled\n", 8) != 8)
		_exit(sig);
}

__attribute__((noinline)) static void sends(void *arg)
{
	// tgkill without a call, which would need stack itself
	long *ids = arg, result = SYS_tgkill;
	__asm__ volatile("syscall" : "+a"(result) : "D"(ids[0]), "S"(ids[1]), "d"((long)SIGUSR1) : "rcx", "r11", "memory");
	ids[0] = result;
}

static void worker(void)
{
	long ids[2] = { getpid(), syscall(SYS_gettid) };
	t_atbrink(400, sends, ids);
	__asm__ volatile("");
}

int main(void)
{
	struct sigaction act = { .sa_handler = handler };
	sigaction(SIGUSR1, &act, NULL);
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
