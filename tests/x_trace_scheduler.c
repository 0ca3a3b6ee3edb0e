// A death of the scheduler's own is traced with its frames, and begins with the one that said the last words.
// ENV: GARN_FAIL=thread:3+
// PROCS: 1
// EXPECT: fatal error: cannot start a thread, and no other is left to run goroutines
// EXPECT: runtime stack:
// EXPECT: fatal_os
// EXPECT: refused
// EXPECT: makethread
// EXPECT: templateloop
// REJECT: guardcall
// REJECT: traceback
// REJECT: diesaying
#include <garn.h>

static void other(chan(int) c)
{
	chan_send(c, 1);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	garn_lock_os_thread();
	go(other, c);
	return chan_recv(c);
}
