// The load for the echo servers beside it: 64 bytes to and fro over each of some connections, the next as soon as the last is back.
// One thread, plain epoll, so that it costs every server the same.
//
//   client PORT CONNECTIONS SECONDS      prints: requests a second, microseconds of the median, of the 99th percentile
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64, SLOTS = 1 << 20, TENTH = 100 }; // latencies by tenths of a microsecond

struct conn {
	int fd;
	unsigned got, round;
	int64_t sent;
	unsigned char out[SIZE], in[SIZE];
};

static uint32_t slots[SLOTS];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void ask(struct conn *c)
{
	memset(c->out, (int)++c->round, SIZE);
	c->got = 0;
	c->sent = now();
	if (write(c->fd, c->out, SIZE) != SIZE)
		die("client: write");
}

// True when a whole message is back.
static int hear(struct conn *c)
{
	ssize_t n = read(c->fd, c->in + c->got, SIZE - c->got);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		die("client: read");
	c->got += (unsigned)n;
	if (c->got < SIZE)
		return 0;
	if (memcmp(c->in, c->out, SIZE) != 0) {
		fprintf(stderr, "client: another message came back than was sent\n");
		exit(1);
	}
	int64_t slot = (now() - c->sent) / TENTH;
	slots[slot < SLOTS ? slot : SLOTS - 1]++;
	return 1;
}

static double percentile(uint64_t total, double part)
{
	uint64_t sum = 0;
	for (int i = 0; i < SLOTS; i++)
		if ((double)(sum += slots[i]) >= (double)total * part)
			return i / 10.0;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return fprintf(stderr, "usage: client PORT CONNECTIONS SECONDS\n"), 2;
	int n = atoi(argv[2]), ep = epoll_create1(0), on = 1;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])) };
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	struct conn *conns = calloc((size_t)n, sizeof *conns);
	for (int i = 0; i < n; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &conns[i] };
		conns[i].fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(conns[i].fd, (struct sockaddr *)&a, sizeof a) < 0)
			die("client: connect");
		setsockopt(conns[i].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, conns[i].fd, &e) < 0)
			die("client: epoll_ctl");
	}
	for (int i = 0; i < n; i++)
		ask(&conns[i]);
	uint64_t done = 0;
	int64_t start = now(), end = start + (int64_t)(atof(argv[3]) * 1e9);
	while (now() < end) {
		struct epoll_event events[128];
		int k = epoll_wait(ep, events, 128, 1000);
		for (int i = 0; i < k; i++) {
			struct conn *c = events[i].data.ptr;
			if (hear(c)) {
				done++;
				ask(c);
			}
		}
	}
	printf("%.0f %.1f %.1f\n", (double)done * 1e9 / (double)(now() - start), percentile(done, 0.5), percentile(done, 0.99));
	return 0;
}
