// j: echo over TCP on the loopback address, 64 bytes, 100 connections, servers and clients in one process; the unit is one message
// there and back.
#include "bench.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum { CONNS = 100, SIZE = 64 };

static void nodelay(int fd)
{
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void echo(int fd)
{
	char buf[4096];
	ssize_t n;
	while ((n = garn_read(fd, buf, sizeof buf)) > 0 && garn_write(fd, buf, (size_t)n) == n)
		;
	garn_close(fd);
}

static void serve(int l)
{
	int fd;
	while ((fd = garn_accept(l, NULL, NULL)) >= 0) {
		nodelay(fd);
		go(echo, fd);
	}
}

static void client(struct sockaddr_in a, long n, chan(long) done)
{
	char out[SIZE], in[SIZE];
	long right = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd >= 0 && garn_connect(fd, (struct sockaddr *)&a, sizeof a) == 0) {
		nodelay(fd);
		for (long i = 0; i < n; i++) {
			memset(out, (int)i, SIZE);
			if (garn_write(fd, out, SIZE) != SIZE || garn_recv(fd, in, SIZE, MSG_WAITALL) != SIZE)
				break;
			right += memcmp(in, out, SIZE) == 0;
		}
		garn_close(fd);
	}
	chan_send(done, right);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 100000) / CONNS, right = 0;
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof a;
	chan(long) done = chan_make(long, 0);
	int l = socket(AF_INET, SOCK_STREAM, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must("j_echo", l >= 0 && bind(l, (struct sockaddr *)&a, sizeof a) == 0 && listen(l, 1024) == 0 &&
	     getsockname(l, (struct sockaddr *)&a, &len) == 0);
	int64_t start = garn_now();
	go(serve, l);
	for (int i = 0; i < CONNS; i++)
		go(client, a, n, done);
	for (int i = 0; i < CONNS; i++)
		right += chan_recv(done);
	must("j_echo", right == n * CONNS);
	report("j_echo", start, right);
	return 0;
}
