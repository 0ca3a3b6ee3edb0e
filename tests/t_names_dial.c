// dial and listen on this machine: each network, each form of address, what is wrong with the others, and what the descriptors are like.
#define _GNU_SOURCE 1
#include "test.h"

#include <fcntl.h>
#include <garn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

static int option(int fd, int level, int name)
{
	int v = 0;
	socklen_t n = sizeof(v);
	CHECK_EQ(getsockopt(fd, level, name, &v, &n), 0);
	return v;
}

static int family(int fd)
{
	return option(fd, SOL_SOCKET, SO_DOMAIN);
}

static int portof(int fd)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);
	CHECK_EQ(getsockname(fd, (void *)&sa, &n), 0);
	return ntohs(sa.ss_family == AF_INET ? ((struct sockaddr_in *)&sa)->sin_port : ((struct sockaddr_in6 *)&sa)->sin6_port);
}

static void flags(int fd)
{
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static int listens(const char *network, const char *address)
{
	int fd = garn_listen(network, address);
	if (fd < 0)
		perror(address);
	CHECK(fd >= 0);
	flags(fd);
	return fd;
}

static int dials(const char *network, const char *format, int port)
{
	char address[100];
	snprintf(address, sizeof(address), format, port);
	int fd = garn_dial(network, address);
	if (fd < 0)
		perror(address);
	CHECK(fd >= 0);
	flags(fd);
	CHECK_EQ(fd, dup2(fd, fd));
	return fd;
}

static void readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	CHECK_EQ(poll(&p, 1, 60000), 1);
}

// A byte each way over a stream.
static void streams(int l, int fd)
{
	char b = 0;
	readable(l);
	int a = accept(l, NULL, NULL);
	CHECK(a >= 0);
	CHECK_EQ(send(fd, "x", 1, 0), 1);
	readable(a);
	CHECK_EQ(recv(a, &b, 1, 0), 1);
	CHECK_EQ(b, 'x');
	CHECK_EQ(send(a, "y", 1, 0), 1);
	readable(fd);
	CHECK_EQ(recv(fd, &b, 1, 0), 1);
	CHECK_EQ(b, 'y');
	close(a);
	close(fd);
}

static void packet(int l, int fd)
{
	char b[8];
	CHECK_EQ(send(fd, "abc", 3, 0), 3);
	readable(l);
	CHECK_EQ(recv(l, b, sizeof(b), 0), 3);
	close(fd);
}

static void tcp(bool six)
{
	int l = listens("tcp", "127.0.0.1:0"), port = portof(l);
	char address[64];
	CHECK_EQ(family(l), AF_INET);
	CHECK(option(l, SOL_SOCKET, SO_REUSEADDR));
	streams(l, dials("tcp", "127.0.0.1:%d", port));
	streams(l, dials("tcp4", "127.0.0.1:%d", port));
	streams(l, dials("tcp", "[127.0.0.1]:%d", port));
	streams(l, dials("tcp", "localhost:%d", port));
	streams(l, dials("tcp", ":%d", port));
	streams(l, dials("tcp", ":000%d", port));
	int fd = dials("tcp", "127.0.0.1:%d", port);
	CHECK(option(fd, IPPROTO_TCP, TCP_NODELAY));
	streams(l, fd);
	snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	CHECK_EQ(garn_listen("tcp", address), -1);
	CHECK_EQ(errno, EADDRINUSE);
	close(l);
	CHECK_EQ(garn_dial("tcp", address), -1);
	CHECK_EQ(errno, ECONNREFUSED);
	CHECK_EQ(garn_dial_until("tcp", address, garn_now() + GARN_S(3600)), -1);
	CHECK_EQ(errno, ECONNREFUSED);
	l = listens("tcp4", ":0");
	CHECK_EQ(family(l), AF_INET);
	streams(l, dials("tcp", "127.0.0.1:%d", portof(l)));
	close(l);
	l = listens("tcp", ":0");
	streams(l, dials("tcp", "127.0.0.1:%d", portof(l)));
	if (six)
		streams(l, dials("tcp", "[::1]:%d", portof(l)));
	close(l);
	l = listens("tcp", "localhost:");
	CHECK_EQ(family(l), AF_INET);
	close(l);
	if (!six)
		return;
	l = listens("tcp6", ":0");
	CHECK(option(l, IPPROTO_IPV6, IPV6_V6ONLY));
	streams(l, dials("tcp6", "[::1]:%d", portof(l)));
	streams(l, dials("tcp6", ":%d", portof(l)));
	close(l);
	l = listens("tcp", "[::1]:0");
	CHECK_EQ(family(l), AF_INET6);
	streams(l, dials("tcp", "[::1]:%d", portof(l)));
	close(l);
}

static void udp(void)
{
	int l = listens("udp", "127.0.0.1:0");
	CHECK(!option(l, SOL_SOCKET, SO_REUSEADDR));
	int fd = dials("udp", "127.0.0.1:%d", portof(l));
	CHECK(option(fd, SOL_SOCKET, SO_BROADCAST));
	packet(l, fd);
	packet(l, dials("udp4", "localhost:%d", portof(l)));
	packet(l, dials("udp", ":%d", portof(l)));
	close(l);
}

static void local(void)
{
	char dir[] = "/tmp/garn.XXXXXX", path[64], name[64], longest[200];
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(name, sizeof(name), "@garn.%d", (int)getpid());
	int l = listens("unix", path);
	streams(l, dials("unix", path, 0));
	CHECK_EQ(garn_listen("unix", path), -1);
	CHECK_EQ(errno, EADDRINUSE);
	close(l);
	CHECK_EQ(garn_dial("unix", path), -1);
	CHECK_EQ(errno, ECONNREFUSED);
	unlink(path);
	CHECK_EQ(garn_dial("unix", path), -1);
	CHECK_EQ(errno, ENOENT);
	l = listens("unixgram", path);
	packet(l, dials("unixgram", path, 0));
	CHECK_EQ(garn_dial("unix", path), -1);
	CHECK_EQ(errno, EPROTOTYPE);
	close(l);
	unlink(path);
	rmdir(dir);
	l = listens("unix", name);
	streams(l, dials("unix", name, 0));
	close(l);
	l = listens("unixpacket", name);
	streams(l, dials("unixpacket", name, 0));
	close(l);
	memset(longest, 'a', sizeof(longest));
	longest[108] = 0;
	CHECK_EQ(garn_dial("unix", longest), -1);
	CHECK_EQ(errno, ENAMETOOLONG);
	longest[107] = 0;
	CHECK_EQ(garn_dial("unix", longest), -1);
	CHECK_EQ(errno, ENOENT);
	CHECK_EQ(garn_listen("unix", ""), -1);
	CHECK_EQ(errno, EINVAL);
}

static void nonsense(void)
{
	static const char *const bad[] = { "", "127.0.0.1", "localhost", "::1:80", "[::1]", "[::1:80", "::1]:80", "[::1]80", "[::1]:80:",
		                           "[[::1]]:80", "127.0.0.1:65536", "127.0.0.1:99999999999", "127.0.0.1:-1", "127.0.0.1:+80",
		                           "127.0.0.1: 80", "127.0.0.1:80 ", "127.0.0.1:0x50", "a:b:c", "[a]:b]:1", "127.0.0.1:no-such-service",
		                           "x[::1]:80", "a]:80", "[[a]:80", "a[b:80", "[]:]80", "[::1]x:80", "127.0.0.1:8/0" };
	static const char *const nets[] = { "", "TCP", "tcp5", "ip", "unixx", " tcp", "sctp", NULL };
	char host[600];
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		int fd = garn_dial("tcp", bad[i]);
		if (fd >= 0 || errno != EINVAL)
			fprintf(stderr, "%s: %d\n", bad[i], errno);
		CHECK_EQ(fd, -1);
		CHECK_EQ(errno, EINVAL);
		errno = 0;
		CHECK_EQ(garn_listen("udp", bad[i]), -1);
		CHECK_EQ(errno, EINVAL);
	}
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		errno = 0;
		CHECK_EQ(garn_dial(nets[i], "127.0.0.1:80"), -1);
		CHECK_EQ(errno, EPROTONOSUPPORT);
		CHECK_EQ(garn_listen(nets[i], "127.0.0.1:80"), -1);
		CHECK_EQ(errno, EPROTONOSUPPORT);
	}
	CHECK_EQ(garn_dial("tcp", NULL), -1);
	CHECK_EQ(errno, EINVAL);
	memset(host, 'a', sizeof(host));
	strcpy(host + 500, ":80");
	CHECK_EQ(garn_dial("tcp", host), -1);
	CHECK_EQ(errno, ENAMETOOLONG);
	CHECK_EQ(garn_dial("tcp4", "[::1]:80"), -1);
	CHECK_EQ(errno, EAFNOSUPPORT);
	CHECK_EQ(garn_listen("udp6", "127.0.0.1:80"), -1);
	CHECK_EQ(errno, EAFNOSUPPORT);
}

// Its queue is full, and what else comes is dropped: the deadline ends it.
static void timeout(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int l = socket(AF_INET, SOCK_STREAM, 0), fd[8], n = 0;
	char address[64];
	CHECK_EQ(bind(l, (void *)&sa, sizeof(sa)), 0);
	CHECK_EQ(listen(l, 0), 0);
	snprintf(address, sizeof(address), "127.0.0.1:%d", portof(l));
	do {
		CHECK(n < 8);
		errno = 0;
	} while ((fd[n++] = garn_dial_until("tcp", address, garn_now() + GARN_MS(100))) >= 0);
	CHECK_EQ(errno, ETIMEDOUT);
	CHECK_EQ(garn_dial_until("tcp", address, garn_now() - 1), -1);
	CHECK_EQ(errno, ETIMEDOUT);
	while (n-- > 0)
		close(fd[n]);
	close(l);
}

// A deadline that was left behind with a number is not the new socket's.
static void leftover(void)
{
	int l = listens("tcp", "127.0.0.1:0"), fd = dup(l);
	CHECK_EQ(garn_set_deadline(fd, GARN_READ | GARN_WRITE, 1), 0);
	close(fd);
	int again = dials("tcp", "127.0.0.1:%d", portof(l));
	CHECK_EQ(again, fd);
	streams(l, again);
	close(l);
}

// A deadline of dial's is over when dial is.
static void over(void)
{
	int l = listens("tcp", "127.0.0.1:0"), fd = -1;
	char address[64], b;
	int64_t ns, end = 0;
	snprintf(address, sizeof(address), "127.0.0.1:%d", portof(l));
	for (ns = GARN_MS(1); fd < 0; ns *= 4) {
		end = garn_now() + ns;
		if ((fd = garn_dial_until("tcp", address, end)) < 0)
			CHECK_EQ(errno, ETIMEDOUT);
	}
	garn_sleep(end - garn_now() + GARN_MS(1));
	struct sockaddr_in me, from;
	socklen_t n = sizeof(me);
	CHECK_EQ(getsockname(fd, (void *)&me, &n), 0);
	for (bool ours = false; !ours;) { // those that were too late come first
		int a = garn_accept(l, (void *)&from, &n);
		CHECK(a >= 0);
		ours = from.sin_port == me.sin_port;
		if (ours)
			CHECK_EQ(garn_send(a, "x", 1, 0), 1);
		garn_close(a);
	}
	CHECK_EQ(garn_recv(fd, &b, 1, 0), 1);
	garn_close(fd);
	garn_close(l);
}

static void services(void)
{
	struct addrinfo *ai;
	if (getservbyname("http", "tcp") == NULL)
		return;
	CHECK_EQ(garn_getaddrinfo("127.0.0.1", "http", &(struct addrinfo){ .ai_socktype = SOCK_STREAM }, &ai), 0);
	CHECK_EQ(ntohs(((struct sockaddr_in *)ai->ai_addr)->sin_port), 80);
	freeaddrinfo(ai);
	int fd = garn_dial("udp", "127.0.0.1:domain");
	CHECK(fd >= 0);
	struct sockaddr_in sa;
	socklen_t n = sizeof(sa);
	CHECK_EQ(getpeername(fd, (void *)&sa, &n), 0);
	CHECK_EQ(ntohs(sa.sin_port), 53);
	close(fd);
}

int main(void)
{
	int six = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 one = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool havesix = six >= 0 && bind(six, (void *)&one, sizeof(one)) == 0;
	close(six);
	tcp(havesix);
	udp();
	local();
	nonsense();
	timeout();
	leftover();
	over();
	services();
	return 0;
}
