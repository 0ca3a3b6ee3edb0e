// An echo server: what comes over a connection goes back over it, for as many connections as there are.
//
//   ./garn run examples/echo.c -- 7777                 serves port 7777; try it with: nc localhost 7777
//   ./garn run examples/echo.c                         serves a free port, for a hundred clients of its own
//   ./garn build -O2 -o echo examples/echo.c && ./echo 7777 & ./echo 7777 CLIENTS MESSAGES      loads it
//
// One goroutine a connection, written as if it had the machine to itself: it reads, it writes, it ends. Where read and
// write would stop the thread, garn_read and garn_write let the other goroutines run.
//
// What to look at: a deadline ends connections on which nothing comes for a minute; no other bookkeeping is needed. What a
// client sends is checked byte by byte.
#include <garn.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void echo(int fd)
{
	char buf[4096];
	ssize_t n;
	do {
		garn_set_deadline(fd, GARN_READ | GARN_WRITE, garn_now() + GARN_S(60));
		n = garn_read(fd, buf, sizeof buf);
	} while (n > 0 && garn_write(fd, buf, (size_t)n) == n);
	garn_close(fd);
}

static void serve(int listener)
{
	int on = 1;
	for (;;) {
		int fd = garn_accept(listener, NULL, NULL);
		if (fd < 0 && (errno == ECANCELED || errno == EBADF)) // closed meanwhile, or before
			return;
		if (fd < 0)
			continue; // no descriptor left: garn_accept has waited a while
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		go(echo, fd);
	}
}

// Sends messages and expects each of them back; how many were right goes to the channel.
static void client(struct sockaddr_in address, int id, int messages, chan(long) results)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	long right = 0;
	if (fd < 0 || garn_connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	for (int i = 0; i < messages; i++) {
		char out[64], in[64];
		memset(out, id + i, sizeof out);
		if (garn_write(fd, out, sizeof out) != sizeof out || garn_recv(fd, in, sizeof in, MSG_WAITALL) != sizeof in)
			break;
		right += memcmp(in, out, sizeof in) == 0;
	}
	garn_close(fd);
	chan_send(results, right);
}

static long load(struct sockaddr_in address, int clients, int messages)
{
	chan(long) results = chan_make(long, 0);
	long right = 0;
	for (int i = 0; i < clients; i++)
		go(client, address, i, messages, results);
	for (int i = 0; i < clients; i++)
		right += chan_recv(results);
	chan_unref(results);
	return right;
}

static int listen_at(struct sockaddr_in *address)
{
	socklen_t len = sizeof *address;
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)address, sizeof *address) < 0 || listen(fd, 1024) < 0 ||
	    getsockname(fd, (struct sockaddr *)address, &len) < 0)
		die("listen");
	return fd;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc > 1)
		address.sin_port = htons((uint16_t)atoi(argv[1]));
	int clients = argc > 2 ? atoi(argv[2]) : 100, messages = argc > 3 ? atoi(argv[3]) : 100;
	if (argc == 2) {
		serve(listen_at(&address));
		return 0;
	}
	int listener = argc == 1 ? listen_at(&address) : -1;
	if (argc == 1)
		go(serve, listener);
	int64_t start = garn_now();
	long right = load(address, clients, messages);
	if (argc > 1)
		printf("%.0f messages a second\n", (double)right * 1e9 / (double)(garn_now() - start));
	printf("%d clients, %d messages each: %s\n", clients, messages,
	       right == (long)clients * messages ? "all came back right" : "SOME DID NOT COME BACK");
	if (listener >= 0)
		garn_close(listener);
	return right != (long)clients * messages;
}
