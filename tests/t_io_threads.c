// Threads that run no goroutine read, write, accept, poll and close as goroutines do, and wait as threads: for data, for deadlines,
// for a close, also while no goroutine is left that could run.
#include "io.h"
#include <pthread.h>

static garn_waitgroup wg;
static int sock[2], quiet[2], listener;
static struct sockaddr_in addr;

static void *echoes(void *arg)
{
	char buf[64];
	ssize_t n;
	(void)arg;
	while ((n = OK(garn_read(sock[1], buf, sizeof buf))) > 0)
		CHECK_EQ(garn_write(sock[1], buf, (size_t)n), n);
	OK(garn_close(sock[1]));
	garn_waitgroup_done(&wg);
	return NULL;
}

static void *times_out(void *arg)
{
	char c;
	(void)arg;
	OK(garn_set_deadline(quiet[0], GARN_READ, garn_now() + GARN_MS(20)));
	FAILS(garn_read(quiet[0], &c, 1), ETIMEDOUT);
	OK(garn_set_deadline(quiet[0], GARN_READ, 0));
	struct pollfd f[2] = { { .fd = quiet[0], .events = POLLIN }, { .fd = quiet[1], .events = POLLIN } };
	int64_t before = garn_now();
	CHECK_EQ(garn_poll(f, 2, 20), 0);
	CHECK(garn_now() - before >= GARN_MS(20));
	garn_waitgroup_done(&wg);
	return NULL;
}

static void *canceled(void *arg)
{
	char c;
	(void)arg;
	FAILS(garn_read(quiet[0], &c, 1), ECANCELED);
	garn_waitgroup_done(&wg);
	return NULL;
}

static void *connects(void *arg)
{
	char c;
	(void)arg;
	for (int i = 0; i < 20; i++) {
		int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
		OK(garn_connect(fd, (struct sockaddr *)&addr, sizeof addr));
		CHECK_EQ(garn_read(fd, &c, 1), 1);
		OK(garn_close(fd));
	}
	garn_waitgroup_done(&wg);
	return NULL;
}

static void *accepts(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		int fd = (int)OK(garn_accept(listener, NULL, NULL));
		CHECK_EQ(garn_write(fd, "x", 1), 1);
		OK(garn_close(fd));
	}
	garn_waitgroup_done(&wg);
	return NULL;
}

static void *pings(void *arg)
{
	int *fd = arg;
	char c = 0;
	for (int i = 0; i < T_SCALED(2000); i++) {
		CHECK_EQ(garn_write(fd[0], &c, 1), 1);
		CHECK_EQ(garn_read(fd[0], &c, 1), 1);
	}
	OK(garn_close(fd[0]));
	garn_waitgroup_done(&wg);
	return NULL;
}

static void *pongs(void *arg)
{
	int *fd = arg;
	char c;
	while (OK(garn_read(fd[1], &c, 1)) == 1)
		CHECK_EQ(garn_write(fd[1], &c, 1), 1);
	OK(garn_close(fd[1]));
	garn_waitgroup_done(&wg);
	return NULL;
}

static void both(void *(*a)(void *), void *(*b)(void *), void *arg)
{
	pthread_t t, u;
	garn_waitgroup_add(&wg, 2);
	OK(-pthread_create(&t, NULL, a, arg));
	OK(-pthread_create(&u, NULL, b, arg));
	garn_waitgroup_wait(&wg); // no goroutine is left that could run
	pthread_join(t, NULL);
	pthread_join(u, NULL);
}

static void joined(pthread_t t)
{
	garn_waitgroup_wait(&wg); // as a goroutine: in pthread_join alone its processor would wait, too
	pthread_join(t, NULL);
}

int main(void)
{
	pthread_t t;
	char c;
	t_tcppair(sock);
	t_unixpair(quiet);
	garn_waitgroup_add(&wg, 1);
	OK(-pthread_create(&t, NULL, echoes, NULL));
	for (int i = 0; i < T_SCALED(2000); i++) {
		c = (char)i;
		CHECK_EQ(garn_write(sock[0], &c, 1), 1);
		CHECK_EQ(garn_read(sock[0], &c, 1), 1);
		CHECK_EQ(c, (char)i);
	}
	OK(garn_close(sock[0]));
	joined(t);

	listener = t_listen(&addr);
	garn_waitgroup_add(&wg, 1);
	OK(-pthread_create(&t, NULL, times_out, NULL));
	joined(t);
	garn_waitgroup_add(&wg, 1);
	OK(-pthread_create(&t, NULL, canceled, NULL));
	garn_sleep(GARN_MS(20));
	OK(garn_close(quiet[0]));
	joined(t);
	int many[2];
	t_unixpair(many);
	both(pings, pongs, many);
	both(connects, accepts, NULL);
	return 0;
}
