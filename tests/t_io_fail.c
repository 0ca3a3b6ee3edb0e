// The kernel refuses what waiting for descriptors needs, at the first call or at every one: the call fails with an errno, nothing
// hangs, and what comes after works if it can. The program runs itself with each GARN_FAIL.
// TIMEOUT: 120
#include "io.h"
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static const struct {
	const char *fail;
	int err;     // of the first call that has to wait
	bool always; // and of all
} cases[] = {
	{ "epoll:1", ENOMEM, false },  { "epoll:1+", ENOMEM, true },   { "eventfd:1", EMFILE, false },
	{ "eventfd:1+", EMFILE, true }, { "epollctl:1", ENOSPC, false }, { "epollctl:1+", ENOSPC, true },
	{ "epollctl:2", ENOSPC, false }, { "epollctl:2+", ENOSPC, true },
#ifndef GARN_HARD // which ties the only thread to a goroutine now and then
	{ "thread:3+", 0, false },
#endif
};

static void later(int fd)
{
	garn_sleep(GARN_MS(2));
	CHECK_EQ(garn_write(fd, "x", 1), 1);
}

static void child(int i)
{
	int p[2];
	char c;
	OK(pipe(p));
	struct pollfd f = { .fd = p[0], .events = POLLIN };
	if (cases[i].err != 0)
		FAILS(garn_read(p[0], &c, 1), cases[i].err);
	for (int k = 0; k < 5; k++) {
		if (cases[i].always) {
			FAILS(garn_read(p[0], &c, 1), cases[i].err);
			FAILS(garn_poll(&f, 1, -1), cases[i].err);
			OK(garn_set_deadline(p[0], GARN_READ, garn_now() + GARN_MS(1)));
			while (garn_read(p[0], &c, 1) < 0 && errno == cases[i].err)
				garn_sleep(GARN_MS(1));
			FAILS(garn_read(p[0], &c, 1), ETIMEDOUT);
			OK(garn_set_deadline(p[0], GARN_READ, 0));
		} else {
			go(later, p[1]);
			CHECK_EQ(garn_poll(&f, 1, -1), 1);
			CHECK_EQ(garn_read(p[0], &c, 1), 1);
		}
	}
	OK(garn_close(p[0]));
	OK(garn_close(p[1]));
	int s = (int)OK(open("/dev/null", O_RDONLY)); // no descriptor was lost
	CHECK(s < 10);
}

// accept fails once, which nobody notices, or time and again, and says so.
static void accepts(bool always)
{
	struct sockaddr_in a;
	int l = t_listen(&a), fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(garn_connect(fd, (struct sockaddr *)&a, sizeof a));
	int64_t before = garn_now();
	if (always) {
		for (int i = 0; i < 4; i++)
			FAILS(garn_accept(l, NULL, NULL), EMFILE);
		CHECK(garn_now() - before >= GARN_MS(5 + 10 + 20 + 40));
	} else {
		OK(garn_accept(l, NULL, NULL));
		CHECK(garn_now() - before >= GARN_MS(5));
	}
}

static void run(const char *fail, int i)
{
	char env[64], arg[16];
	char *argv[] = { "self", arg, NULL };
	char *envp[64] = { env };
	int n = 1, status;
	pid_t pid;
	snprintf(env, sizeof env, "GARN_FAIL=%s", fail);
	snprintf(arg, sizeof arg, "%d", i);
	for (char **e = environ; *e && n < 62; e++)
		if (strncmp(*e, "GARN_FAIL=", 10) != 0)
			envp[n++] = *e;
	CHECK_EQ(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, envp), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fprintf(stderr, "with %s: status %#x\n", env, status);
	CHECK_EQ(status, 0);
}

int main(int argc, char **argv)
{
	int n = (int)(sizeof cases / sizeof cases[0]);
	if (argc > 1) {
		int i = atoi(argv[1]);
		if (i < n)
			child(i);
		else
			accepts(i > n);
		return 0;
	}
	for (int i = 0; i < n; i++)
		run(cases[i].fail, i);
	run("accept:1", n);
	run("accept:1+", n + 1);
	return 0;
}
