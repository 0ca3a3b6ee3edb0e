// Calls of the kernel's that a signal breaks off, and connections that are gone before they are accepted: nobody hears of it. The C
// library's calls are replaced by some that fail so two times out of three.
// SAN: no-thread no-address (the calls are replaced there)
#include "io.h"
#include <sys/syscall.h>

static uint32_t calls, broken; // A

static bool breaks(void)
{
	if (__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) % 3 == 2)
		return false;
	__atomic_fetch_add(&broken, 1, __ATOMIC_RELAXED);
	errno = EINTR;
	return true;
}

int accept(int fd, struct sockaddr *from, socklen_t *len)
{
	if (breaks()) {
		if (broken % 2)
			errno = ECONNABORTED;
		return -1;
	}
	return (int)syscall(SYS_accept4, fd, from, len, 0);
}

// Begun, and then broken off: it goes on by itself.
int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	int r = (int)syscall(SYS_connect, fd, to, len);
	if (r < 0 && errno == EINPROGRESS)
		breaks();
	return r;
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
	return breaks() ? -1 : syscall(SYS_recvfrom, fd, p, n, flags, NULL, NULL);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	return breaks() ? -1 : syscall(SYS_recvmsg, fd, m, flags);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
	return breaks() ? -1 : syscall(SYS_sendto, fd, p, n, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	return breaks() ? -1 : syscall(SYS_sendmsg, fd, m, flags);
}

int poll(struct pollfd *f, nfds_t n, int ms)
{
	return breaks() ? -1 : (int)syscall(SYS_poll, f, n, ms);
}

static void echo(int l)
{
	char c;
	int fd = (int)OK(garn_accept(l, NULL, NULL));
	CHECK_EQ(garn_read(fd, &c, 1), 1);
	CHECK_EQ(garn_write(fd, &c, 1), 1);
	CHECK_EQ(garn_recv(fd, &c, 1, MSG_WAITALL), 1);
	CHECK_EQ(garn_send(fd, &c, 1, 0), 1);
	OK(garn_close(fd));
}

int main(void)
{
	struct sockaddr_in a;
	int l = t_listen(&a);
	for (int i = 0; i < 30; i++) {
		char c, x = (char)i;
		int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
		struct pollfd f = { .fd = fd, .events = POLLIN };
		if (i % 2) // nothing there yet when it asks
			go(echo, l);
		garn_yield();
		OK(garn_connect(fd, (struct sockaddr *)&a, sizeof a));
		if (i % 2 == 0)
			go(echo, l);
		CHECK_EQ(garn_send(fd, &x, 1, 0), 1);
		CHECK_EQ(garn_poll(&f, 1, -1), 1);
		CHECK_EQ(garn_recv(fd, &c, 1, 0), 1);
		CHECK_EQ(c, x);
		CHECK_EQ(garn_write(fd, &x, 1), 1);
		CHECK_EQ(garn_read(fd, &c, 1), 1);
		CHECK_EQ(garn_recv(fd, &c, 1, 0), 0);
		OK(garn_close(fd));
	}
	CHECK(broken > 30);
	OK(garn_close(l));
	return 0;
}
