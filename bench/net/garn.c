// The echo server with a goroutine for each connection.
//
//   garn      prints its port, serves until killed
#include "listen.h"
#include <garn.h>

static void echo(int fd)
{
	char buf[4096];
	ssize_t n;
	while ((n = garn_read(fd, buf, sizeof buf)) > 0 && garn_write(fd, buf, (size_t)n) == n)
		;
	garn_close(fd);
}

int main(void)
{
	int l = listen_port(), fd;
	while ((fd = garn_accept(l, NULL, NULL)) >= 0) {
		nodelay(fd);
		go(echo, fd);
	}
	return 1;
}
