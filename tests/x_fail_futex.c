// A seccomp filter that refuses futex, set when the runtime is long up: threads could neither sleep nor be woken.
// SAN: no-address no-thread (their own threads need it)
// EXPECT: fatal error: garn: futex is refused now (a seccomp filter
#include "t_seccomp.h"

#include <garn.h>
#include <sys/syscall.h>

static void work(chan(int) c, int n)
{
	for (int i = 0; i < n; i++) {
		chan_send(c, 1);
		garn_sleep(GARN_US(10));
	}
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	alarm(50);
	for (int i = 0; i < 10; i++)
		go(work, c, 100);
	for (int i = 0; i < 1000; i++) {
		if (i == 10)
			t_refuse(SYS_futex);
		chan_recv(c);
	}
	return 0;
}
