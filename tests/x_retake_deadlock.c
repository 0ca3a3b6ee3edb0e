// A deadlock is told when hogs and sleepers have ended and everybody waits: who had no processor counts like the others.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive
#include "t_retake.h"

static void ends(int id)
{
	if (id % 2)
		t_spin(30000000);
	else
		usleep(30000);
}

static void waits(chan(int) c, int id)
{
	ends(id);
	chan_recv(c);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	for (int i = 0; i < 6; i++) {
		go(ends, i);
		go(waits, c, i);
	}
	t_spin(30000000);
	chan_recv(c);
	return 0;
}
