// LINK: arch/arch.c core/note.c core/throw.c core/globals.c base/print.c os/futex.c os/clock.c os/fail.c
// Notes: a wake-up before, during and without a sleep; time limits; a ping-pong of 20,000 rounds, and 500 in which
// every sleep fails; a note that is freed as soon as its sleeper returns; waking twice is a bug by name.
#include "core/note.h"
#include "core/throw.h"
#include "os/internal.h"
#include "os/os.h"
#include "test.h"
#include <sys/mman.h>
#include <sys/wait.h>

enum { MS = 1000000 };
static struct note ping, pong;
static int rounds, ball;

static void *player(void *arg)
{
	(void)arg;
	for (int i = 0; i < rounds; i++) {
		notesleep(&ping);
		noteclear(&ping);
		CHECK_EQ(ball, 2 * i + 1);
		ball++;
		notewakeup(&pong);
	}
	return NULL;
}

static void pingpong(int n)
{
	pthread_t t;
	rounds = n;
	ball = 0;
	noteclear(&ping);
	noteclear(&pong);
	CHECK_EQ(pthread_create(&t, NULL, player, NULL), 0);
	for (int i = 0; i < n; i++) {
		ball++;
		notewakeup(&ping);
		if (i % 2)
			notesleep(&pong);
		else
			CHECK(notetsleep(&pong, 60ll * 1000 * MS));
		noteclear(&pong);
		CHECK_EQ(ball, 2 * i + 2);
	}
	pthread_join(t, NULL);
}

static void limits(void)
{
	struct note n;
	noteclear(&n);
	int64_t t = t_now();
	CHECK(!notetsleep(&n, 20 * MS));
	CHECK(t_now() - t >= 20 * MS);
	CHECK(!notetsleep(&n, 0));
	notewakeup(&n);
	CHECK(notetsleep(&n, 0));
	CHECK(notetsleep(&n, -1));
	CHECK(notetsleep(&n, INT64_MAX));
	notesleep(&n);
	noteclear(&n);
	CHECK(!notetsleep(&n, 1));
}

static void *late(void *arg)
{
	os_usleep(30000);
	notewakeup(arg);
	return NULL;
}

// The sleeper unmaps the note at once: the waker must not look at it again.
static void freed(void)
{
	for (int i = 0; i < 20; i++) {
		pthread_t t;
		struct note *n = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		CHECK(n != MAP_FAILED);
		CHECK_EQ(pthread_create(&t, NULL, late, n), 0);
		if (i % 2)
			CHECK(notetsleep(n, INT64_MAX));
		else
			notesleep(n);
		munmap(n, 4096);
		pthread_join(t, NULL);
	}
}

static void twice(void)
{
	int fd[2], status;
	char text[512];
	CHECK_EQ(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct note n = {0};
		dup2(fd[1], 2);
		notewakeup(&n);
		notewakeup(&n);
		_exit(0);
	}
	close(fd[1]);
	ssize_t k = read(fd[0], text, sizeof text - 1);
	text[k > 0 ? k : 0] = '\0';
	close(fd[0]);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 2);
	CHECK_STR(text, "fatal error: garn: notewakeup: woken twice (a bug in garn)\n\n");
}

int main(void)
{
	limits();
	pingpong(T_SCALED(20000));
	freed();
	twice();
	CHECK(failinit("futex:1+"));
	pingpong(T_SCALED(500));
	limits();
	return 0;
}
