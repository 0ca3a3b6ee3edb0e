// A deadlock after descriptors were waited for, by somebody who no longer does: the poller, which sleeps in the kernel for nobody,
// must not hide it.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
#include "io.h"

static void reads(int fd)
{
	char c;
	CHECK(garn_read(fd, &c, 1) < 0 && (errno == ECANCELED || errno == EBADF));
}

int main(void)
{
	int p[2];
	chan(int) c = chan_make(int, 0);
	OK(pipe(p));
	go(reads, p[0]);
	for (int64_t end = t_now() + GARN_MS(50); t_now() < end;) // no timer, which would break the poller off
		;
	OK(garn_close(p[0]));
	chan_recv(c);
	return 0;
}
