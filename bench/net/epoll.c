// The echo server as a plain epoll loop on one thread: the least that there is to do.
//
//   epoll      prints its port, serves until killed
#define _GNU_SOURCE 1
#include "listen.h"
#include <sys/epoll.h>
#include <unistd.h>

static void add(int ep, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

int main(void)
{
	int l = listen_port(), ep = epoll_create1(0);
	add(ep, l);
	for (;;) {
		struct epoll_event events[128];
		int k = epoll_wait(ep, events, 128, -1);
		for (int i = 0; i < k; i++) {
			char buf[4096];
			int fd = events[i].data.fd;
			if (fd == l) {
				fd = accept4(l, NULL, NULL, SOCK_NONBLOCK);
				nodelay(fd);
				add(ep, fd);
				continue;
			}
			ssize_t n = recv(fd, buf, sizeof buf, 0);
			if (n <= 0 || send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
				close(fd);
		}
	}
}
