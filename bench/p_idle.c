// p: an echo server with 10,000 connections, each of which has had one message there and back and is idle now: what each costs the
// server, resident pages and page tables. The clients are a process of their own: this program once more. What the kernel has
// for a socket is not in it.
#define _GNU_SOURCE 1
#include "bench.h"

#ifndef ROW
#define ROW "p_idle"
#endif

#include "net/listen.h"
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

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
	while ((fd = garn_accept(l, NULL, NULL)) >= 0)
		go(echo, fd);
}

static struct sockaddr_in address(int l)
{
	struct sockaddr_in a;
	socklen_t len = sizeof a;
	must(ROW, getsockname(l, (struct sockaddr *)&a, &len) == 0);
	return a;
}

// Arguments: client PORT N. Says that all is done by a byte on standard output, and ends with standard input. With a reset, or the ports would be
// kept for a minute.
static int client(int port, long n)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct linger now = { 1, 0 };
	char msg[64] = "hello";
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (long i = 0; i < n; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		must(ROW ": connect", fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		must(ROW ": echo", write(fd, msg, sizeof msg) == sizeof msg && recv(fd, msg, sizeof msg, MSG_WAITALL) == sizeof msg);
	}
	must(ROW, write(1, msg, 1) == 1);
	return (int)read(0, msg, 1);
}

// Start the clients; *in ends them when it is closed, *out says when they are done.
static void start(int l, long n, int *in, int *out)
{
	char port[20], count[20], exe[] = "/proc/self/exe", word[] = "client";
	char *argv[] = { exe, word, port, count, NULL };
	posix_spawn_file_actions_t acts;
	int to[2], from[2];
	pid_t pid;
	must(ROW, pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
	snprintf(port, sizeof port, "%d", ntohs(address(l).sin_port));
	snprintf(count, sizeof count, "%ld", n);
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, to[0], 0);
	posix_spawn_file_actions_adddup2(&acts, from[1], 1);
	must(ROW, posix_spawn(&pid, exe, &acts, NULL, argv, environ) == 0);
	posix_spawn_file_actions_destroy(&acts);
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
}

int main(int argc, char **argv)
{
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (argc > 3)
		return client(atoi(argv[2]), atol(argv[3]));
	long n = size(argc, argv, 10000);
	int l = listening(), in, out;
	char done;
	go(serve, l);
	int64_t before = memory();
	start(l, n, &in, &out);
	must(ROW, garn_read(out, &done, 1) == 1);
	garn_sleep(GARN_MS(100)); // the last one is on its way back to its read
	awaitpacked(n);
	must(ROW, garn_num_goroutines() >= n);
	reportvalue(ROW, (memory() - before) / n);
	close(in);
	return 0;
}
