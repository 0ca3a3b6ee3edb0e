// TCP connections, of which epoll is told once: no event is lost, whenever it comes. Last words that arrive together with the end or
// a reset, urgent data, reads that fit exactly; and connections closed with close(2), whose numbers are waited on then.
#include "io.h"
#include <sys/syscall.h>

static chan(ssize_t) got;

static void reads(int fd, size_t n)
{
	char c[100];
	ssize_t r = garn_read(fd, c, n);
	chan_send(got, r < 0 ? -errno : r);
}

// What is written to a comes to who reads b, who waits already or is about to. From here on epoll is not told again.
static void passes(int a, int b, size_t size, bool waits)
{
	go(reads, b, size);
	if (waits)
		t_settle();
	CHECK_EQ(garn_write(a, "abc", 3), 3);
	CHECK_EQ(chan_recv(got), 3);
}

static void pair(int p[2], size_t size, int i)
{
	t_tcppair(p);
	for (int k = 0; k < 2; k++) {
		passes(p[0], p[1], size, i & 1);
		passes(p[1], p[0], size, i & 2);
	}
}

static void lastwords(int i)
{
	struct linger now = { .l_onoff = 1 };
	int p[2];
	pair(p, i & 4 ? 3 : 100, i);
	go(reads, p[1], i & 4 ? 4 : 100);
	if (i & 1)
		t_settle();
	CHECK_EQ(send(p[0], "last", 4, MSG_NOSIGNAL), 4);
	if (i & 8)
		OK(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &now, sizeof now));
	OK(garn_close(p[0]));
	ssize_t n = chan_recv(got);
	if (n == 4) {
		go(reads, p[1], (size_t)10);
		n = chan_recv(got);
		CHECK(n == 0 || (i & 8 && n == -ECONNRESET));
	} else {
		CHECK(i & 8 && n == -ECONNRESET);
	}
	OK(garn_close(p[1]));
}

// A read stops before the urgent byte, so it gets less than there is.
static void urgent(int i)
{
	int p[2];
	pair(p, 100, i);
	CHECK_EQ(send(p[0], "ab", 2, 0), 2);
	CHECK_EQ(send(p[0], "x", 1, MSG_OOB), 1);
	CHECK_EQ(send(p[0], "cdef", 4, 0), 4);
	for (ssize_t sum = 0; sum < 6;) {
		go(reads, p[1], (size_t)100);
		ssize_t n = chan_recv(got);
		CHECK(n > 0);
		sum += n;
	}
	OK(garn_close(p[0]));
	OK(garn_close(p[1]));
}

// The last read left nothing, so the next waits without asking, and for nothing.
static void behind(int i)
{
	int p[2];
	pair(p, 100, i);
	for (int k = 0; k < 2; k++)
		OK(close(p[k]));
	for (int k = 0; k < 2; k++)
		go(reads, p[k], (size_t)100);
	for (int k = 0; k < 2; k++)
		CHECK_EQ(chan_recv(got), -EBADF);
}

// The numbers of connections in use are other files' from one moment to the next.
static void reused(int i)
{
	int p[2], q[2];
	pair(p, 100, i);
	for (int k = 0; k < 2; k++)
		OK(close(p[k]));
	if (i & 4)
		t_unixpair(q);
	else
		OK(pipe(q));
	for (int k = 0; k < 3; k++)
		passes(q[1], q[0], 100, true);
	for (int k = 0; k < 2; k++)
		OK(close(q[k]));
}

// Somebody has waited long when the file is closed with close(2), and the next connection has the number: it is that one's.
static void inherited(int i)
{
	int p[2];
	struct sockaddr_in a;
	pair(p, 100, i);
	int l = t_listen(&a), c = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(garn_connect(c, (struct sockaddr *)&a, sizeof a));
	go(reads, p[1], (size_t)100);
	garn_sleep(GARN_MS(60));
	OK(syscall(SYS_close, p[1])); // not libc's: TSan would say that somebody may read there
	int next = (int)OK(garn_accept(l, NULL, NULL));
	CHECK_EQ(next, p[1]);
	CHECK_EQ(chan_recv(got), -ECANCELED);
	passes(c, next, 100, i & 1);
	OK(garn_close(next));
	OK(garn_close(c));
	OK(garn_close(l));
	OK(garn_close(p[0]));
}

// Asking for nothing, or for urgent data, never waits.
static void asks(int i)
{
	int p[2];
	char c;
	pair(p, 100, i);
	CHECK_EQ(garn_read(p[0], &c, 0), 0);
	passes(p[0], p[1], 100, true);
	FAILS(garn_recv(p[1], &c, 1, MSG_OOB), EINVAL);
	OK(garn_close(p[0]));
	OK(garn_close(p[1]));
}

int main(void)
{
	got = chan_make(ssize_t, 4);
	for (int i = 0; i < 16; i++) {
		lastwords(i);
		urgent(i);
		reused(i);
		if (i < 4) {
			behind(i);
			inherited(i);
			asks(i);
		}
	}
	chan_unref(got);
	return 0;
}
