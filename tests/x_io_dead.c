// A deadlock after descriptors were waited for, by somebody who no longer does: the poller, which sleeps in the kernel for nobody,
// must not hide it.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
#include "io.h"

static void reads(int fd)
{
	char c;
	FAILS(garn_read(fd, &c, 1), ECANCELED);
}

static void closes(int fd)
{
	garn_sleep(GARN_MS(20));
	OK(garn_close(fd));
}

int main(void)
{
	int p[2];
	chan(int) c = chan_make(int, 0);
	OK(pipe(p));
	go(reads, p[0]);
	go(closes, p[0]);
	chan_recv(c);
	return 0;
}
