// Who waits for a descriptor is not in a deadlock, however long it takes: here for a child's word, while all else sleeps for good; also
// when the one who waits is a tied goroutine, and when there is nothing but a poll.
#include "io.h"
#include <sys/wait.h>

static chan(int) c;
static int p[2];

static void spawn(void)
{
	pid_t pid = vfork();
	if (pid == 0) {
		dup2(p[1], 1);
		execl("/bin/sh", "sh", "-c", "sleep 0.2; echo a", (char *)NULL);
		_exit(127);
	}
	CHECK(pid > 0);
}

static void reads(bool tied)
{
	char buf[2];
	if (tied)
		garn_lock_os_thread();
	CHECK_EQ(garn_read(p[0], buf, 2), 2);
	chan_send(c, 1);
}

static void polls(void)
{
	struct pollfd f = { .fd = p[0], .events = POLLIN };
	char buf[2];
	CHECK_EQ(garn_poll(&f, 1, -1), 1);
	CHECK_EQ(garn_read(p[0], buf, 2), 2);
	chan_send(c, 1);
}

int main(void)
{
	int status;
	c = chan_make(int, 0);
	OK(pipe(p));
	for (int i = 0; i < 3; i++) {
		spawn();
		if (i < 2)
			go(reads, i == 1);
		else
			go(polls);
		CHECK_EQ(chan_recv(c), 1);
		CHECK(wait(&status) > 0);
	}
	return 0;
}
