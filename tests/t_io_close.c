// garn_close sends readers, writers, accepters, connecters and pollers away with ECANCELED, those who queue behind another too, and
// returns when none is left; the number is another file's at once, which gets nothing of the old one.
#include "io.h"

#include <sys/syscall.h>

static garn_waitgroup wg, old;
static int late; // A: who had not yet begun to wait when the close came. Such a round shows nothing, and is made again

static void sentaway(ssize_t r)
{
	CHECK_EQ(r, -1);
	if (errno == EBADF)
		__atomic_add_fetch(&late, 1, __ATOMIC_RELAXED);
	else
		CHECK_EQ(errno, ECANCELED);
}

static bool again(void)
{
	return __atomic_exchange_n(&late, 0, __ATOMIC_RELAXED) > 0;
}

static void reads(int fd)
{
	char c;
	sentaway(garn_read(fd, &c, 1));
	garn_waitgroup_done(&wg);
}

static void writes(int fd)
{
	static char big[4 << 20];
	ssize_t n = garn_write(fd, big, sizeof big);
	if (n < 0)
		sentaway(n);
	else
		CHECK(n > 0 && n < (ssize_t)sizeof big);
	garn_waitgroup_done(&wg);
}

static void accepts(int fd)
{
	sentaway(garn_accept(fd, NULL, NULL));
	garn_waitgroup_done(&wg);
}

static void polls(int fd)
{
	struct pollfd p[2] = { { .fd = -1, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	CHECK_EQ(garn_poll(p, 2, -1), 1);
	CHECK_EQ(p[1].revents, POLLNVAL);
	garn_waitgroup_done(&wg);
}

static void closed(int p[2], bool writer)
{
	garn_waitgroup_add(&wg, 4 + writer);
	for (int i = 0; i < 3; i++)
		go(reads, p[0]);
	if (writer)
		go(writes, p[0]);
	go(polls, p[0]);
	t_settle();
	OK(garn_close(p[0]));
	garn_waitgroup_wait(&wg);
	FAILS(garn_close(p[0]), EBADF);
	OK(garn_close(p[1]));
}

static void writerclosed(int p[2])
{
	garn_waitgroup_add(&wg, 2);
	go(writes, p[1]);
	go(writes, p[1]);
	t_settle();
	OK(garn_close(p[1]));
	garn_waitgroup_wait(&wg);
	OK(garn_close(p[0]));
}

static void listeners(void)
{
	struct sockaddr_in a;
	int l = t_listen(&a);
	for (int i = 0; i < 2; i++) {
		garn_waitgroup_add(&wg, 3);
		for (int k = 0; k < 3; k++)
			go(accepts, l);
		t_settle();
		OK(garn_close(l));
		garn_waitgroup_wait(&wg);
		l = t_listen(&a);
		OK(fcntl(l, F_SETFL, O_NONBLOCK));
	}
	OK(garn_close(l));
}

// A connect that stays undecided: the listener's queue is full.
static void connects(int fd, struct sockaddr_un *a)
{
	sentaway(garn_connect(fd, (struct sockaddr *)a, sizeof *a));
	garn_waitgroup_done(&wg);
}

static void connecters(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "garn-t-io-close-%d", getpid());
	int l = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), one = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
	OK(bind(l, (struct sockaddr *)&a, sizeof a));
	OK(listen(l, 0));
	OK(garn_connect(one, (struct sockaddr *)&a, sizeof a));
	int c = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
	garn_waitgroup_add(&wg, 1);
	go(connects, c, &a);
	t_settle();
	OK(garn_close(c));
	garn_waitgroup_wait(&wg);
	OK(garn_close(one));
	OK(garn_close(l));
}

// Most often it waits when the close comes. Else it may read the new file, until that is closed, and puts back what it got.
static void reads_old(int fd, int *other)
{
	char c;
	if (garn_read(fd, &c, 1) < 0) {
		CHECK(errno == ECANCELED || errno == EBADF);
	} else {
		CHECK(c < 32);
		CHECK_EQ(garn_write(*other, &c, 1), 1);
	}
	garn_waitgroup_done(&old);
}

// The same over TCP: the listener answers no more.
static void connects_tcp(int fd, struct sockaddr_in *a)
{
	sentaway(garn_connect(fd, (struct sockaddr *)a, sizeof *a));
	garn_waitgroup_done(&wg);
}

static void undecided(void)
{
	struct sockaddr_in a;
	int l = t_listen(&a), c[4], n = 0;
	OK(listen(l, 0));
	for (bool full = false; !full; n++) {
		CHECK(n < 4);
		c[n] = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
		OK(garn_set_deadline(c[n], GARN_WRITE, garn_now() + GARN_MS(200)));
		full = garn_connect(c[n], (struct sockaddr *)&a, sizeof a) < 0;
		CHECK(!full || errno == ETIMEDOUT);
	}
	int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	garn_waitgroup_add(&wg, 1);
	go(connects_tcp, fd, &a);
	t_settle();
	OK(garn_close(fd));
	garn_waitgroup_wait(&wg);
	while (n > 0)
		OK(garn_close(c[--n]));
	OK(garn_close(l));
}

static void waits_for_one(int fd, int expect)
{
	char c;
	ssize_t n = garn_read(fd, &c, 1);
	CHECK_EQ(n, 1);
	CHECK_EQ((unsigned char)c, expect);
	garn_waitgroup_done(&wg);
}

static void closes(int fd)
{
	OK(garn_close(fd));
	garn_waitgroup_done(&wg);
}

// The number comes back at once, as a file that has nothing to read, while the old file's other end sends to a copy of it.
static void reuse(void)
{
	for (int i = 0; i < T_SCALED(2000); i++) {
		int p[2], q[2];
		t_unixpair(p);
		int copy = (int)OK(dup(p[0]));
		garn_waitgroup_add(&wg, 1);
		garn_waitgroup_add(&old, 1);
		go(reads_old, p[0], &q[1]);
		garn_yield();
		go(closes, p[0]);
		while (fcntl(p[0], F_GETFD) >= 0)
			garn_yield();
		// not libc's: TSan would say that the old reader may see it
		OK(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, q));
		CHECK_EQ(q[0], p[0]); // the lowest number: the library takes none, not even for a moment
		garn_waitgroup_add(&wg, 1);
		go(waits_for_one, q[0], i % 32);
		OK(garn_write(p[1], "old", 3));
		garn_yield();
		unsigned char c = (unsigned char)(i % 32);
		OK(garn_write(q[1], &c, 1));
		garn_waitgroup_wait(&wg);
		OK(garn_close(q[0])); // if the old reader was so late that it waits there
		garn_waitgroup_wait(&old);
		OK(garn_close(copy));
		OK(garn_close(p[1]));
		OK(garn_close(q[1]));
	}
}

// Readers and closers at once: each read ends one way or the other. Go's TestFdRace, TestClosedPipeRaceRead.
static void racer(int fd)
{
	char c;
	for (;;) {
		ssize_t n = garn_read(fd, &c, 1);
		if (n < 0) {
			CHECK(errno == ECANCELED || errno == EBADF);
			break;
		}
		CHECK_EQ(n, 1);
	}
	garn_waitgroup_done(&wg);
}

static void races(void)
{
	for (int i = 0; i < T_SCALED(2000); i++) {
		int p[2];
		OK(pipe(p));
		garn_waitgroup_add(&wg, 3);
		go(racer, p[0]);
		go(racer, p[0]);
		OK(garn_write(p[1], "abc", (size_t)(i % 3 + 1)));
		if (i % 2)
			garn_yield();
		go(closes, p[0]);
		garn_waitgroup_wait(&wg);
		OK(garn_close(p[1]));
	}
}

int main(void)
{
	int p[2];
	t_quietmalloc();
	do {
		t_unixpair(p);
		closed(p, true);
	} while (again());
	do {
		t_tcppair(p);
		closed(p, true);
	} while (again());
	do {
		OK(pipe(p));
		closed(p, false);
	} while (again());
	do {
		OK(pipe(p));
		writerclosed(p);
	} while (again());
	do
		listeners();
	while (again());
	do
		connecters();
	while (again());
	do
		undecided();
	while (again());
	reuse();
	races();
	return 0;
}
