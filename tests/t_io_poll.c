// garn_poll: what poll(2) says, and waiting for it: one of many, timeouts, closed numbers, negative ones, the same one twice, beside
// a goroutine that reads the same descriptor, from several goroutines at once; hang-ups and regular files.
#include "io.h"

static garn_waitgroup wg;

static void wakes(int fd, int64_t ns)
{
	garn_sleep(ns);
	CHECK_EQ(garn_write(fd, "w", 1), 1);
	garn_waitgroup_done(&wg);
}

static void one_of(int n)
{
	int (*p)[2] = calloc((size_t)n, sizeof *p);
	struct pollfd *f = calloc((size_t)n + 1, sizeof *f);
	char c;
	for (int i = 0; i < n; i++) {
		if (i % 2)
			t_unixpair(p[i]);
		else
			OK(pipe(p[i]));
		f[i] = (struct pollfd){ .fd = p[i][0], .events = POLLIN };
	}
	f[n] = (struct pollfd){ .fd = -5, .events = POLLIN };
	for (int i = 0; i < n; i++) {
		CHECK_EQ(garn_poll(f, (nfds_t)n + 1, 0), 0);
		garn_waitgroup_add(&wg, 1);
		go(wakes, p[i][1], GARN_US(i % 3 * 100));
		CHECK_EQ(garn_poll(f, (nfds_t)n + 1, i % 4 ? -1 : 100000), 1);
		for (int k = 0; k <= n; k++)
			CHECK_EQ(f[k].revents, k == i ? POLLIN : 0);
		CHECK_EQ(garn_read(p[i][0], &c, 1), 1);
		garn_waitgroup_wait(&wg);
	}
	OK(garn_close(p[n / 2][1]));
	CHECK_EQ(garn_poll(f, (nfds_t)n + 1, -1), 1);
	CHECK(f[n / 2].revents & POLLHUP);
	OK(garn_close(p[n / 2][0]));
	CHECK_EQ(garn_poll(f, (nfds_t)n + 1, -1), 1);
	CHECK_EQ(f[n / 2].revents, POLLNVAL);
	for (int i = 0; i < n; i++)
		if (i != n / 2) {
			OK(garn_close(p[i][0]));
			OK(garn_close(p[i][1]));
		}
	free(p);
	free(f);
}

static void timeouts(void)
{
	int p[2];
	OK(pipe(p));
	struct pollfd f[3] = { { .fd = p[0], .events = POLLIN }, { .fd = p[0], .events = POLLIN }, { .fd = p[1] } };
	for (int ms = 0; ms < 20; ms = ms * 2 + 1) {
		int64_t before = garn_now();
		CHECK_EQ(garn_poll(f, 3, ms), 0);
		CHECK(garn_now() - before >= GARN_MS(ms));
	}
	int64_t before = garn_now();
	CHECK_EQ(garn_poll(NULL, 0, 3), 0);
	CHECK(garn_now() - before >= GARN_MS(3));
	CHECK_EQ(garn_write(p[1], "x", 1), 1);
	CHECK_EQ(garn_poll(f, 3, -1), 2);
	OK(garn_close(p[0]));
	f[0].fd = f[1].fd = -1;
	CHECK_EQ(garn_poll(f, 3, -1), 1);
	CHECK(f[2].revents & POLLERR);
	OK(garn_close(p[1]));
	int file = (int)OK(garn_open("/proc/self/exe", O_RDONLY));
	struct pollfd r[2] = { { .fd = file, .events = POLLIN }, { .fd = -1 } };
	CHECK_EQ(garn_poll(r, 2, -1), 1);
	r[0].events = POLLPRI;
	CHECK_EQ(garn_poll(r, 2, 2), 0);
	OK(garn_close(file));
}

static void polls(int fd, short events, int n)
{
	struct pollfd f = { .fd = fd, .events = events };
	for (int i = 0; i < n; i++) {
		CHECK_EQ(garn_poll(&f, 1, i % 2 ? -1 : 1000000), 1);
		CHECK(f.revents & events);
		garn_yield();
	}
	garn_waitgroup_done(&wg);
}

static void reads(int fd, int n)
{
	char c;
	for (int i = 0; i < n; i++)
		CHECK_EQ(garn_read(fd, &c, 1), 1);
	garn_waitgroup_done(&wg);
}

// Pollers wait beside a reader, and for writing.
static void beside(void)
{
	int s[2];
	t_unixpair(s);
	int n = T_SCALED(2000);
	garn_waitgroup_add(&wg, 3);
	go(reads, s[0], n + 100);
	go(polls, s[0], POLLOUT, n);
	go(polls, s[1], POLLIN, 50);
	for (int i = 0; i < n; i++) {
		CHECK_EQ(garn_write(s[1], "a", 1), 1);
		if (i % 16 == 0)
			garn_yield();
	}
	CHECK_EQ(garn_write(s[0], "a", 1), 1);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(garn_write(s[1], "a", 1), 1);
	garn_waitgroup_wait(&wg);
	garn_waitgroup_add(&wg, 5);
	for (int i = 0; i < 5; i++)
		go(polls, s[0], POLLIN, 1);
	t_settle();
	CHECK_EQ(garn_write(s[1], "a", 1), 1);
	garn_waitgroup_wait(&wg);
	OK(garn_close(s[0]));
	OK(garn_close(s[1]));
}

// A timeout just when the event comes.
static void narrow(void)
{
	int p[2];
	char c;
	OK(pipe(p));
	for (int i = 0; i < T_SCALED(300); i++) {
		struct pollfd f = { .fd = p[0], .events = POLLIN };
		garn_waitgroup_add(&wg, 1);
		go(wakes, p[1], GARN_MS(1) + (i % 50 - 25) * 2000);
		int r = (int)OK(garn_poll(&f, 1, 1));
		garn_waitgroup_wait(&wg);
		if (r == 0)
			CHECK_EQ(garn_poll(&f, 1, 0), 1);
		CHECK_EQ(garn_read(p[0], &c, 1), 1);
	}
	OK(garn_close(p[0]));
	OK(garn_close(p[1]));
}

// Events just before, while, and just after one goes to sleep.
static void pongs(int fd, int n)
{
	char c;
	for (int i = 0; i < n; i++) {
		struct pollfd f[2] = { { .fd = -1 }, { .fd = fd, .events = POLLIN } };
		if (i % 3 || OK(garn_poll(f, 2, 0)) == 0)
			CHECK_EQ(garn_poll(f, 2, i % 5 ? -1 : 1000000), 1);
		CHECK_EQ(garn_read(fd, &c, 1), 1);
		for (int k = i * 37 % 400; k > 0; k--)
			__asm__ volatile("");
		CHECK_EQ(garn_write(fd, &c, 1), 1);
	}
	garn_waitgroup_done(&wg);
}

static void tight(void)
{
	enum { PAIRS = 4 };
	int s[PAIRS][2];
	garn_waitgroup_add(&wg, 2 * PAIRS);
	for (int i = 0; i < PAIRS; i++) {
		t_unixpair(s[i]);
		go(pongs, s[i][0], T_SCALED(10000));
		go(pongs, s[i][1], T_SCALED(10000));
		CHECK_EQ(garn_write(s[i][0], "x", 1), 1);
	}
	garn_waitgroup_wait(&wg);
	for (int i = 0; i < PAIRS; i++) {
		OK(garn_close(s[i][0]));
		OK(garn_close(s[i][1]));
	}
}

int main(void)
{
	tight();
	one_of(3);
	one_of(8);
	one_of(40);
	timeouts();
	beside();
	narrow();
	return 0;
}
