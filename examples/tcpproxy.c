// A TCP proxy: hands on what comes to one address to another, and back.
//
//   ./garn run examples/tcpproxy.c -- :7777 example.org:80       try it with: curl -H 'Host: example.org' localhost:7777
//   ./garn run examples/tcpproxy.c                               fifty connections through it to an echo server of its own
//
// Two goroutines a connection, one for each direction, each written as if there were nothing else: read, write, until the end.
//
// What to look at: the end of one direction is handed on by shutdown, and the other goes on: who says that he has sent all still
// gets his whole answer. A connection is closed when both directions are done. A deadline on both ends gives up connections on
// which nothing moves for IDLE, and one for dialling does not wait for a host that never answers.
#include <garn.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define IDLE GARN_S(300)

static void die(const char *what)
{
	fprintf(stderr, "tcpproxy: %s: %s\n", what, strerror(errno));
	exit(1);
}

// ---- The proxy ------------------------------------------------------------------------------------------

// Both directions of a connection: each says when it moved last, so that the other is no reason to give up.
static void alive(int from, int to)
{
	int64_t when = garn_now() + IDLE;
	garn_set_deadline(from, GARN_READ | GARN_WRITE, when);
	garn_set_deadline(to, GARN_READ | GARN_WRITE, when);
}

// Hands on what comes until its end, and then that. The error that stopped it, or 0.
static void copy(int from, int to, chan(int) done)
{
	char buf[32 * 1024];
	ssize_t n;
	while (alive(from, to), (n = garn_read(from, buf, sizeof buf)) > 0) {
		ssize_t put = 0, w;
		while (put < n && (w = garn_write(to, buf + put, (size_t)(n - put))) > 0)
			put += w; // an error after a part of it shows at the next call
		if (put < n) {
			n = -1;
			break;
		}
	}
	int failed = n < 0 ? errno : 0;
	shutdown(to, SHUT_WR);
	if (failed != 0) // the other direction has nothing to wait for, either
		shutdown(from, SHUT_RD), shutdown(to, SHUT_RD);
	chan_send(done, failed);
}

static void connection(int client, const char *target)
{
	int server = garn_dial_until("tcp", target, garn_now() + GARN_S(10));
	if (server < 0) {
		fprintf(stderr, "tcpproxy: %s: %s\n", target, strerror(errno));
		garn_close(client);
		return;
	}
	chan(int) done = chan_make(int, 2);
	go(copy, client, server, done);
	go(copy, server, client, done);
	for (int i = 0; i < 2; i++) {
		int failed = chan_recv(done);
		if (failed != 0)
			fprintf(stderr, "tcpproxy: a connection to %s: %s\n", target, strerror(failed));
	}
	chan_unref(done);
	garn_close(server);
	garn_close(client);
}

// Accepts until the listener is closed.
static void proxy(int listener, const char *target)
{
	for (;;) {
		int fd = garn_accept(listener, NULL, NULL);
		if (fd < 0 && (errno == ECANCELED || errno == EBADF)) // closed meanwhile, or before
			return;
		if (fd >= 0) // else no descriptor left: garn_accept has waited a while
			go(connection, fd, target);
	}
}

// ---- Something to be proxy for --------------------------------------------------------------------------

enum { CLIENTS = 50, BYTES = 20 * 1024 };

static unsigned char byte(int id, int i)
{
	return (unsigned char)((id + 1) * 31 + i * 7 + (i >> 8));
}

// Reads all there is first, and only then answers: without the half-close it would never begin.
static void answer(int fd)
{
	static const char greeting[] = "all of it: ";
	unsigned char all[BYTES];
	ssize_t n = garn_recv(fd, all, sizeof all, MSG_WAITALL);
	char more;
	if (n >= 0 && garn_read(fd, &more, 1) == 0 && garn_write(fd, greeting, strlen(greeting)) > 0)
		garn_write(fd, all, (size_t)n);
	garn_close(fd);
}

static void answers(int listener)
{
	int fd;
	while ((fd = garn_accept(listener, NULL, NULL)) >= 0)
		go(answer, fd);
}

// How many bytes came back right.
static void client(const char *address, int id, chan(long) results)
{
	unsigned char buf[BYTES];
	char greeting[11];
	long right = 0;
	int fd = garn_dial("tcp", address);
	if (fd < 0)
		die(address);
	for (int i = 0; i < BYTES; i++)
		buf[i] = byte(id, i);
	garn_set_deadline(fd, GARN_READ | GARN_WRITE, garn_now() + GARN_S(30));
	if (garn_write(fd, buf, BYTES) != BYTES || shutdown(fd, SHUT_WR) < 0)
		die("write");
	memset(buf, 0, sizeof buf);
	if (garn_recv(fd, greeting, sizeof greeting, MSG_WAITALL) == sizeof greeting &&
	    garn_recv(fd, buf, BYTES, MSG_WAITALL) == BYTES && garn_read(fd, greeting, 1) == 0)
		for (int i = 0; i < BYTES; i++)
			right += buf[i] == byte(id, i);
	garn_close(fd);
	chan_send(results, right);
}

// A listener on a free port, whose address is written down.
static int listen_free(char *address, size_t size)
{
	struct sockaddr_in a;
	socklen_t len = sizeof a;
	int fd = garn_listen("tcp4", "127.0.0.1:0");
	if (fd < 0 || getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		die("listen");
	snprintf(address, size, "127.0.0.1:%d", ntohs(a.sin_port));
	return fd;
}

static int demonstrate(void)
{
	static char target[32], nobody[32]; // where the proxies still look at them when this is over
	char address[32];
	int server = listen_free(target, sizeof target), listener = listen_free(address, sizeof address);
	chan(long) results = chan_make(long, 0);
	long right = 0;
	go(answers, server);
	go(proxy, listener, target);
	for (int i = 0; i < CLIENTS; i++)
		go(client, address, i, results);
	for (int i = 0; i < CLIENTS; i++)
		right += chan_recv(results);
	printf("%d connections, %ld bytes there and back: %s\n", CLIENTS, right,
	       right == (long)CLIENTS * BYTES ? "all right" : "NOT ALL RIGHT");
	garn_close(server);
	garn_close(listener);
	chan_unref(results);

	garn_close(listen_free(nobody, sizeof nobody)); // a port where nobody listens any more
	listener = listen_free(address, sizeof address);
	go(proxy, listener, nobody);
	char none;
	int fd = garn_dial("tcp", address);
	garn_set_deadline(fd, GARN_READ, garn_now() + GARN_S(30));
	printf("a target that is not there: %s\n", garn_read(fd, &none, 1) == 0 ? "the connection ends" : "IT DOES NOT END");
	garn_close(fd);
	garn_close(listener);
	return right != (long)CLIENTS * BYTES;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return demonstrate();
	if (argc != 3) {
		fprintf(stderr, "usage: tcpproxy ADDRESS TARGET, such as :7777 example.org:80\n");
		return 2;
	}
	int listener = garn_listen("tcp", argv[1]);
	if (listener < 0)
		die(argv[1]);
	proxy(listener, argv[2]);
	return 0;
}
