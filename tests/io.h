// What the tests of input and output share.
#ifndef IO_H
#define IO_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "garn.h"
#include "test.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>

#define OK(call) t_ok((call), __FILE__, __LINE__, #call)
#define FAILS(call, err) t_fails((call), (err), __FILE__, __LINE__, #call)

__attribute__((unused)) static long t_ok(long r, const char *file, int line, const char *expr)
{
	if (r >= 0)
		return r;
	fprintf(stderr, "%s:%d: %s: %s\n", file, line, expr, strerror(errno));
	t_die(1);
}

__attribute__((unused)) static void t_fails(long r, int err, const char *file, int line, const char *expr)
{
	if (r == -1 && errno == err)
		return;
	fprintf(stderr, "%s:%d: %s: %ld, %s; not %s\n", file, line, expr, r, r == -1 ? strerror(errno) : "no error", strerror(err));
	t_die(1);
}

// Two ends of a connection: Unix, or TCP over the loopback address.
__attribute__((unused)) static void t_unixpair(int fd[2])
{
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
}

__attribute__((unused)) static int t_listen(struct sockaddr_in *a)
{
	socklen_t len = sizeof *a;
	int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	memset(a, 0, sizeof *a);
	a->sin_family = AF_INET;
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	OK(bind(fd, (struct sockaddr *)a, sizeof *a));
	OK(listen(fd, 128));
	OK(getsockname(fd, (struct sockaddr *)a, &len));
	return fd;
}

__attribute__((unused)) static void t_tcppair(int fd[2])
{
	struct sockaddr_in a;
	int l = t_listen(&a);
	fd[0] = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(garn_connect(fd[0], (struct sockaddr *)&a, sizeof a));
	fd[1] = (int)OK(garn_accept(l, NULL, NULL));
	OK(garn_close(l));
}

// Until all who were about to wait surely do.
__attribute__((unused)) static void t_settle(void)
{
	garn_sleep(GARN_MS(10));
}

#endif
