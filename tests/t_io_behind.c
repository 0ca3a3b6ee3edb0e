// Descriptors that the library knows nothing of, or no longer: closed with close(2) and opened as another file, copied and
// closed, copied over one another, made non-blocking and blocking again; blocking ones that a child shares. Nobody waits for ever.
#include "io.h"
#include <sys/eventfd.h>
#include <sys/wait.h>

static garn_waitgroup wg;

static void gets(int fd, int what)
{
	char c;
	CHECK_EQ(garn_read(fd, &c, 1), 1);
	CHECK_EQ(c, what);
	garn_waitgroup_done(&wg);
}

// Somebody waits to read fd, and what is written to other arrives.
static void passes(int fd, int other, int what)
{
	char c = (char)what;
	garn_waitgroup_add(&wg, 1);
	go(gets, fd, what);
	garn_sleep(GARN_US(200));
	CHECK_EQ(garn_write(other, &c, 1), 1);
	garn_waitgroup_wait(&wg);
}

static void make(int kind, int p[2])
{
	switch (kind) {
	case 0: OK(pipe(p)); break;
	case 1: t_unixpair(p); break;
	default: t_tcppair(p); break;
	}
}

// The same numbers are pipes and sockets in turn, closed behind the library's back.
static void reused(void)
{
	for (int i = 0; i < T_SCALED(300); i++) {
		int p[2];
		make(i % 3, p);
		passes(p[0], p[1], i % 100);
		if (i % 3)
			passes(p[1], p[0], i % 100);
		OK(close(p[0]));
		OK(close(p[1]));
	}
}

static void copied(void)
{
	for (int i = 0; i < T_SCALED(100); i++) {
		int p[2], q[2];
		make(i % 2, p);
		passes(p[0], p[1], 1);
		int copy = (int)OK(dup(p[0]));
		OK(close(p[0]));
		passes(copy, p[1], 2);
		make(i / 2 % 2, q); // one end has p[0]'s number; the old file lives on in the copy
		passes(q[0], q[1], 3);
		CHECK_EQ(write(p[1], "4", 1), 1);
		passes(q[0], q[1], 5);
		garn_waitgroup_add(&wg, 1);
		gets(copy, '4');
		OK(dup2(copy, q[0])); // over one that is in use
		passes(q[0], p[1], 6);
		passes(copy, p[1], 7);
		OK(close(copy));
		OK(close(p[1]));
		OK(close(q[0]));
		OK(close(q[1]));
	}
}

static void flags(void)
{
	int p[2];
	char c;
	t_unixpair(p);
	for (int i = 0; i < 4; i++) {
		OK(fcntl(p[0], F_SETFL, i % 2 ? O_NONBLOCK : 0));
		passes(p[0], p[1], i);
		CHECK_EQ(fcntl(p[0], F_GETFL) & O_NONBLOCK, i % 2 ? O_NONBLOCK : 0);
	}
	FAILS(garn_recv(p[0], &c, 1, MSG_DONTWAIT), EAGAIN);
	OK(close(p[0]));
	OK(close(p[1]));
}

// A child that reads and writes the same pipe ends and finds them blocking.
static void shared(void)
{
	int to[2], from[2];
	char c;
	OK(pipe(to));
	OK(pipe(from));
	passes(to[0], to[1], 1);
	passes(from[0], from[1], 1);
	pid_t pid = vfork();
	if (pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl("/bin/sh", "sh", "-c", "read x; sleep 0.05; echo $x; read x; echo $x", (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(garn_write(to[1], "a\n", 2), 2);
	CHECK_EQ(garn_read(from[0], &c, 1), 1);
	CHECK_EQ(c, 'a');
	CHECK_EQ(garn_read(from[0], &c, 1), 1);
	garn_sleep(GARN_MS(10));
	CHECK_EQ(garn_write(to[1], "b\n", 2), 2);
	CHECK_EQ(garn_read(from[0], &c, 1), 1);
	CHECK_EQ(c, 'b');
	int status;
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	for (int i = 0; i < 2; i++) {
		OK(garn_close(to[i]));
		OK(garn_close(from[i]));
	}
}

static void adds(int fd)
{
	uint64_t one = 1;
	garn_sleep(GARN_MS(1));
	CHECK_EQ(garn_write(fd, &one, 8), 8);
	garn_waitgroup_done(&wg);
}

static void eventfds(void)
{
	uint64_t n, most = UINT64_MAX - 1;
	int fd = (int)OK(eventfd(0, 0));
	for (int i = 0; i < 3; i++) {
		garn_waitgroup_add(&wg, 1);
		go(adds, fd);
		CHECK_EQ(garn_read(fd, &n, 8), 8);
		CHECK_EQ(n, 1);
		garn_waitgroup_wait(&wg);
	}
	CHECK_EQ(garn_write(fd, &most, 8), 8);
	garn_waitgroup_add(&wg, 1);
	go(adds, fd); // full: it has to wait
	garn_sleep(GARN_MS(5));
	CHECK_EQ(garn_read(fd, &n, 8), 8);
	CHECK_EQ(n, most);
	garn_waitgroup_wait(&wg);
	OK(garn_close(fd));
}

static void terminals(void)
{
	int m = (int)OK(posix_openpt(O_RDWR | O_NOCTTY));
	OK(grantpt(m));
	OK(unlockpt(m));
	int t = (int)OK(garn_open(ptsname(m), O_RDWR | O_NOCTTY));
	char buf[100];
	passes(m, t, 'x');
	garn_waitgroup_add(&wg, 1);
	go(gets, t, 'y');
	t_settle();
	CHECK_EQ(garn_write(m, "y\n", 2), 2);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(garn_read(t, buf, sizeof buf), 1);
	OK(garn_set_deadline(t, GARN_READ, garn_now() + GARN_MS(2)));
	FAILS(garn_read(t, buf, 1), ETIMEDOUT);
	OK(garn_close(t));
	OK(garn_close(m));
}

int main(void)
{
	reused();
	copied();
	flags();
	shared();
	eventfds();
	terminals();
	return 0;
}
