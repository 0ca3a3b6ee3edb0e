// The threads that look up names, idle or done, hide no deadlock.
// TIMEOUT: 20
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
#include <garn.h>
#include <netdb.h>

int main(void)
{
	struct addrinfo *ai;
	if (garn_getaddrinfo("localhost", "1", NULL, &ai) == 0)
		freeaddrinfo(ai);
	chan_recv(chan_make(int, 0));
	return 0;
}
