// SIGPIPE never comes, and the signals that do come interrupt no call: reading, writing, accepting, connecting, on sockets,
// pipes, FIFOs and files; neither does the program's own handling of SIGPIPE change.
// SAN: no-thread (TSan keeps signals back from the handler of the test's own, or delivers few of them)
#include "io.h"
#include <pthread.h>
#include <sys/time.h>

static garn_waitgroup wg;
static int alarms;

static void count(int sig)
{
	(void)sig;
	__atomic_fetch_add(&alarms, 1, __ATOMIC_RELAXED);
}

static void pipes_end(void)
{
	sigset_t mask, pending;
	char name[64], big[100000] = "";
	int p[2];
	for (int kind = 0; kind < 4; kind++) {
		if (kind == 0) {
			OK(pipe(p));
		} else if (kind == 1) {
			t_unixpair(p);
		} else if (kind == 2) {
			t_tcppair(p);
		} else {
			snprintf(name, sizeof name, "/tmp/garn-t-io-sig-%d", getpid());
			OK(mkfifo(name, 0600));
			p[0] = (int)OK(garn_open(name, O_RDWR));
			p[1] = (int)OK(garn_open(name, O_WRONLY));
			OK(unlink(name));
		}
		OK(garn_close(p[0]));
		ssize_t n;
		while ((n = garn_write(p[1], big, sizeof big)) >= 0) // TCP notices at the second write
			garn_sleep(GARN_MS(1));
		CHECK(errno == EPIPE || errno == ECONNRESET);
		FAILS(garn_write(p[1], "x", 1), EPIPE);
		struct iovec v[2] = { { "a", 1 }, { "b", 1 } };
		FAILS(garn_writev(p[1], v, 2), EPIPE);
		if (kind == 1 || kind == 2)
			FAILS(garn_send(p[1], "x", 1, 0), EPIPE);
		OK(garn_close(p[1]));
		OK(pthread_sigmask(SIG_BLOCK, NULL, &mask));
		CHECK(!sigismember(&mask, SIGPIPE));
		OK(sigpending(&pending));
		CHECK(!sigismember(&pending, SIGPIPE));
	}
}

static void feeds(int fd, int n)
{
	char big[30000] = "";
	for (int i = 0; i < n; i++) {
		CHECK_EQ(garn_write(fd, big, sizeof big), sizeof big);
		if (i % 4 == 0)
			garn_sleep(GARN_US(300));
	}
	OK(garn_close(fd));
	garn_waitgroup_done(&wg);
}

static void interrupted(int r, int w, int n)
{
	char buf[777];
	size_t got = 0;
	ssize_t k;
	garn_waitgroup_add(&wg, 1);
	go(feeds, w, n);
	while ((k = OK(garn_read(r, buf, sizeof buf))) > 0)
		got += (size_t)k;
	CHECK_EQ(got, 30000u * (unsigned)n);
	OK(garn_close(r));
	garn_waitgroup_wait(&wg);
}

static void connects(struct sockaddr_in *a, int n)
{
	for (int i = 0; i < n; i++) {
		int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
		OK(garn_connect(fd, (struct sockaddr *)a, sizeof *a));
		CHECK_EQ(garn_write(fd, "x", 1), 1);
		garn_sleep(GARN_US(100));
		OK(garn_close(fd));
	}
	garn_waitgroup_done(&wg);
}

static void accepted(void)
{
	struct sockaddr_in a;
	char c;
	int l = t_listen(&a), n = T_SCALED(100);
	garn_waitgroup_add(&wg, 1);
	go(connects, &a, n);
	for (int i = 0; i < n; i++) {
		int fd = (int)OK(garn_accept(l, NULL, NULL));
		CHECK_EQ(garn_read(fd, &c, 1), 1);
		CHECK_EQ(garn_read(fd, &c, 1), 0);
		OK(garn_close(fd));
	}
	garn_waitgroup_wait(&wg);
	OK(garn_close(l));
}

int main(void)
{
	struct sigaction sa = { .sa_handler = count };
	struct itimerval often = { { 0, 300 }, { 0, 300 } }, never = { { 0, 0 }, { 0, 0 } };
	int p[2];
	pipes_end();
	OK(sigaction(SIGALRM, &sa, NULL));
	OK(setitimer(ITIMER_REAL, &often, NULL));
	for (int i = 0; i < 3 || __atomic_load_n(&alarms, __ATOMIC_RELAXED) <= 10; i++) {
		OK(pipe(p));
		interrupted(p[0], p[1], T_SCALED(60));
		t_unixpair(p);
		interrupted(p[0], p[1], T_SCALED(60));
		t_tcppair(p);
		interrupted(p[0], p[1], T_SCALED(60));
		accepted();
		pipes_end();
		struct pollfd f = { .fd = -1 };
		CHECK_EQ(garn_poll(&f, 1, 5), 0);
	}
	OK(setitimer(ITIMER_REAL, &never, NULL));
	return 0;
}
