// Children: the goroutine waits and the thread does not, so that on one processor another goroutine can let the child go on.
#define _GNU_SOURCE 1
#include "test.h"

#include <fcntl.h>
#include <garn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { MANY = T_SCALED(60) };

// A child that ends with `code` when a byte comes, or the other end is closed.
static pid_t child(int code, int *go_on)
{
	int fds[2];
	char b;
	CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		while (read(fds[0], &b, 1) < 0)
			;
		_exit(code);
	}
	close(fds[0]);
	*go_on = fds[1];
	return pid;
}

static void letgo(int fd)
{
	CHECK_EQ(write(fd, "x", 1), 1);
	close(fd);
}

static void waits(pid_t pid, int code, chan(int) done)
{
	int status = -1;
	CHECK_EQ(garn_waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), code);
	chan_send(done, code);
}

static void one(void)
{
	chan(int) done = chan_make(int, 0);
	int fd, status;
	pid_t pid = child(3, &fd);
	go(waits, pid, 3, done);
	CHECK_EQ(chan_select(on_recv(done, NULL), on_timeout(GARN_MS(5))), 1);
	CHECK_EQ(garn_waitpid(pid, &status, WNOHANG), 0);
	letgo(fd);
	CHECK_EQ(chan_recv(done), 3);
	CHECK_EQ(garn_waitpid(pid, &status, 0), -1);
	CHECK_EQ(errno, ECHILD);
	CHECK_EQ(garn_waitpid(-1, &status, 0), -1);
	CHECK_EQ(errno, ECHILD);
	CHECK_EQ(garn_waitpid(-1, NULL, 0x100), -1);
	CHECK_EQ(errno, EINVAL);
	pid = child(0, &fd);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(garn_waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(fd);
	pid = child(0, &fd);
	letgo(fd);
	CHECK_EQ(garn_waitpid(pid, NULL, 0), pid);
	chan_unref(done);
}

static void waitany(pid_t which, int *sum, chan(int) done)
{
	int status = -1;
	pid_t pid = garn_waitpid(which, &status, 0);
	if (pid < 0)
		CHECK_EQ(errno, ECHILD);
	else
		__atomic_fetch_add(sum, WEXITSTATUS(status), __ATOMIC_RELAXED);
	chan_send(done, (int)pid);
}

// Many wait for many; of two that wait for the same child one gets it.
static void many(void)
{
	chan(int) done = chan_make(int, 0);
	int fd[MANY], sum = 0;
	pid_t pid[MANY];
	for (int i = 0; i < MANY; i++) {
		pid[i] = child(i, &fd[i]);
		go(waits, pid[i], i, done);
	}
	for (int i = MANY; i-- > 0;)
		letgo(fd[i]);
	for (int i = 0; i < MANY; i++)
		chan_recv(done);
	pid[0] = child(1, &fd[0]);
	for (int i = 0; i < 3; i++)
		go(waitany, i == 2 ? -1 : pid[0], &sum, done);
	garn_sleep(GARN_MS(1));
	letgo(fd[0]);
	int got = 0;
	for (int i = 0; i < 3; i++)
		got += chan_recv(done) == pid[0];
	CHECK_EQ(got, 1);
	CHECK_EQ(sum, 1);
	chan_unref(done);
}

// Any child, the own group's, another group's.
static void groups(void)
{
	chan(int) done = chan_make(int, 0);
	int fd[4], sum = 0, status;
	pid_t pid[4];
	for (int i = 0; i < 4; i++) {
		pid[i] = child(1 << i, &fd[i]);
		if (i >= 2)
			CHECK_EQ(setpgid(pid[i], pid[2]), 0);
	}
	go(waitany, -pid[2], &sum, done);
	CHECK_EQ(chan_select(on_recv(done, NULL), on_timeout(GARN_MS(2))), 1);
	letgo(fd[1]);
	CHECK_EQ(garn_waitpid(0, &status, 0), pid[1]);
	CHECK_EQ(WEXITSTATUS(status), 2);
	letgo(fd[3]);
	CHECK_EQ(chan_recv(done), pid[3]);
	CHECK_EQ(sum, 8);
	go(waitany, -1, &sum, done);
	go(waitany, -1, &sum, done);
	go(waitany, -1, &sum, done);
	letgo(fd[0]);
	letgo(fd[2]);
	int got = 0;
	for (int i = 0; i < 3; i++)
		got += chan_recv(done) > 0;
	CHECK_EQ(got, 2);
	CHECK_EQ(sum, 8 + 1 + 4);
	chan_unref(done);
}

static int64_t cputime(void)
{
	struct timespec ts;
	CHECK_EQ(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts), 0);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

// A child of another group that has ended is left alone, and does not keep the wait busy.
static void asleep(void)
{
	chan(int) done = chan_make(int, 0);
	int fd[2], sum = 0;
	pid_t other = child(1, &fd[0]), pid = child(2, &fd[1]);
	siginfo_t info;
	CHECK_EQ(setpgid(pid, pid), 0);
	letgo(fd[0]);
	CHECK_EQ(waitid(P_PID, (id_t)other, &info, WEXITED | WNOWAIT), 0);
	int64_t cpu = cputime();
	go(waitany, -pid, &sum, done);
	CHECK_EQ(chan_select(on_recv(done, NULL), on_timeout(GARN_MS(400))), 1);
	CHECK(cputime() - cpu < GARN_MS(200));
	letgo(fd[1]);
	CHECK_EQ(chan_recv(done), pid);
	CHECK_EQ(sum, 2);
	CHECK_EQ(garn_waitpid(-1, NULL, 0), other);
	chan_unref(done);
}

static void stops(pid_t pid, chan(int) done)
{
	int status;
	CHECK_EQ(garn_waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
	chan_send(done, 1);
	CHECK_EQ(garn_waitpid(pid, &status, WCONTINUED), pid);
	CHECK(WIFCONTINUED(status));
	chan_send(done, 2);
	CHECK_EQ(garn_waitpid(pid, &status, WUNTRACED | WCONTINUED), pid);
	CHECK(WIFEXITED(status));
	chan_send(done, 3);
}

static void stopped(void)
{
	chan(int) done = chan_make(int, 0);
	int fd;
	pid_t pid = child(0, &fd);
	go(stops, pid, done);
	CHECK_EQ(chan_select(on_recv(done, NULL), on_timeout(GARN_MS(2))), 1);
	kill(pid, SIGSTOP);
	CHECK_EQ(chan_recv(done), 1);
	kill(pid, SIGCONT);
	CHECK_EQ(chan_recv(done), 2);
	letgo(fd);
	CHECK_EQ(chan_recv(done), 3);
	chan_unref(done);
}

// Where nobody is told of children's ends, waiting ends when the last one has.
static void ignored(void)
{
	chan(int) done = chan_make(int, 0);
	int fd, sum = 0;
	signal(SIGCHLD, SIG_IGN);
	pid_t pid = child(0, &fd);
	go(waitany, pid, &sum, done);
	go(waitany, -1, &sum, done);
	garn_sleep(GARN_MS(1));
	letgo(fd);
	CHECK_EQ(chan_recv(done), -1);
	CHECK_EQ(chan_recv(done), -1);
	signal(SIGCHLD, SIG_DFL);
	chan_unref(done);
}

static void *thread(void *arg)
{
	waits(*(pid_t *)arg, 9, *(chan(int) *)((char *)arg + sizeof(void *)));
	return NULL;
}

static void foreign(void)
{
	struct {
		union {
			pid_t pid;
			void *pad;
		};
		chan(int) done;
	} a = { .done = chan_make(int, 1) };
	int fd;
	pthread_t t;
	a.pid = child(9, &fd);
	CHECK_EQ(pthread_create(&t, NULL, thread, &a), 0);
	letgo(fd);
	CHECK_EQ(chan_recv(a.done), 9);
	pthread_join(t, NULL);
	chan_unref(a.done);
}

int main(void)
{
	one();
	many();
	groups();
	asleep();
	stopped();
	ignored();
	foreign();
	return 0;
}
