// Connections that are there at once take the last descriptors, before anybody has had to wait for one: they can be waited for all the same.
#include "io.h"
#include <sys/resource.h>

enum { FREE = 5, CLIENTS = 20 };

static void late(int fd)
{
	garn_sleep(GARN_MS(5));
	OK(write(fd, "x", 1));
}

int main(void)
{
	struct sockaddr_in a;
	struct rlimit few, all;
	int listener = t_listen(&a), client[CLIENTS], first = -1, last = -1, fd;
	char ch = 0;
	for (int i = 0; i < CLIENTS; i++) {
		client[i] = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
		OK(connect(client[i], (struct sockaddr *)&a, sizeof a));
	}
	OK(getrlimit(RLIMIT_NOFILE, &all));
	few = all;
	few.rlim_cur = 64;
	OK(setrlimit(RLIMIT_NOFILE, &few));
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd;
	CHECK_EQ(errno, EMFILE);
	for (int i = 0; i < FREE; i++)
		OK(close(last - i));

	while ((fd = garn_accept(listener, NULL, NULL)) >= 0)
		first = first < 0 ? fd : first;
	CHECK_EQ(errno, EMFILE);
	CHECK(first >= 0);
	go(late, client[0]);
	CHECK_EQ(OK(garn_read(first, &ch, 1)), 1);
	CHECK_EQ(ch, 'x');
	OK(setrlimit(RLIMIT_NOFILE, &all)); // sanitizers open files at the end
	return 0;
}
