// The same when its thread was the first of the process, which cannot go.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive
// EXPECT: main
#include <garn.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tied(chan(int) c)
{
	garn_lock_os_thread();
	int mine = (int)syscall(SYS_gettid) == (int)getpid();
	chan_send(c, mine);
	garn_sleep(GARN_MS(5));
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	for (int i = 0; i < 100; i++) {
		go(tied, c);
		if (chan_recv(c))
			break;
	}
	return chan_recv(c);
}
