// A deadlock is seen though main is tied to its thread.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive, locked to thread]:
// EXPECT: main
#include <garn.h>

int main(void)
{
	chan(int) c = chan_make(int, 0);
	garn_lock_os_thread();
	return chan_recv(c);
}
