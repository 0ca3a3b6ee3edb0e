// A seccomp filter that refuses membarrier, set when the runtime is long up: wake-ups would be lost without it.
// SAN: no-address no-thread (the filter is set for their threads as well)
// EXPECT: fatal error: garn: membarrier is refused now (a seccomp filter
#include "t_seccomp.h"

#include <garn.h>
#include <sys/syscall.h>

static void work(chan(int) c)
{
	for (;;) {
		chan_send(c, 1);
		garn_sleep(GARN_US(10));
	}
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	if (syscall(SYS_membarrier, 0, 0, 0) <= 0) { // the library does without from the start, so it cannot be refused later
		puts("skip: no membarrier here");
		return 77;
	}
	alarm(50);
	for (int i = 0; i < 10; i++)
		go(work, c);
	for (int i = 0;; i++) {
		if (i == 10)
			t_refuse(SYS_membarrier);
		chan_recv(c);
		if (i % 100 == 99)
			garn_sleep(GARN_MS(1)); // Ms fall asleep, which takes one
	}
}
