// Reading and writing over pipes, FIFOs and socket pairs: one waits for the other, large writes are completed, the ends of
// file and of readers show; nothing of the descriptors' flags is changed.
#include "io.h"

enum { BIG = 1 << 20 };

static garn_waitgroup wg;

static unsigned char byte(size_t i)
{
	return (unsigned char)(i * 31 + i / 251);
}

static void writer(int fd, size_t n)
{
	unsigned char *p = malloc(n);
	for (size_t i = 0; i < n; i++)
		p[i] = byte(i);
	CHECK_EQ(garn_write(fd, p, n), n);
	free(p);
	OK(garn_close(fd));
	garn_waitgroup_done(&wg);
}

static void readall(int fd, size_t n)
{
	unsigned char buf[3000];
	size_t at = 0;
	ssize_t k;
	while ((k = OK(garn_read(fd, buf, sizeof buf))) > 0)
		for (ssize_t i = 0; i < k; i++)
			CHECK_EQ(buf[i], byte(at++));
	CHECK_EQ(at, n);
	OK(garn_close(fd));
}

static void transfer(int r, int w, size_t n)
{
	int fr = (int)OK(fcntl(r, F_GETFL)), fw = (int)OK(fcntl(w, F_GETFL));
	int r2 = dup(r), w2 = dup(w);
	garn_waitgroup_add(&wg, 1);
	go(writer, w, n);
	CHECK_EQ(fcntl(r, F_GETFL), fr);
	CHECK_EQ(fcntl(w2, F_GETFL), fw);
	OK(close(w2));
	readall(r, n);
	CHECK_EQ(fcntl(r2, F_GETFL), fr);
	OK(close(r2));
	garn_waitgroup_wait(&wg);
}

static void vectors(void)
{
	int p[2];
	char a[5], b[7], c[9];
	struct iovec out[4] = { { "hello", 5 }, { "", 0 }, { ", world", 7 }, { "!", 1 } };
	struct iovec in[3] = { { a, 5 }, { b, 7 }, { c, 9 } };
	OK(pipe(p));
	CHECK_EQ(garn_writev(p[1], out, 4), 13);
	CHECK_EQ(garn_readv(p[0], in, 3), 13);
	CHECK(memcmp(a, "hello", 5) == 0 && memcmp(b, ", world", 7) == 0 && c[0] == '!');
	OK(garn_close(p[1]));
	CHECK_EQ(garn_readv(p[0], in, 3), 0);
	OK(garn_close(p[0]));
}

// A vector of many pieces that does not fit at once.
static void writevs(int fd)
{
	enum { N = 100, PIECE = 4999 };
	static unsigned char all[N * PIECE];
	struct iovec v[N];
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = byte(i);
	for (int i = 0; i < N; i++)
		v[i] = (struct iovec){ all + i * PIECE, PIECE };
	CHECK_EQ(garn_writev(fd, v, N), sizeof all);
	OK(garn_close(fd));
	garn_waitgroup_done(&wg);
}

static void fifo(void)
{
	char name[64];
	snprintf(name, sizeof name, "/tmp/garn-t-io-%d", getpid());
	OK(mkfifo(name, 0600));
	int r = (int)OK(garn_open(name, O_RDONLY | O_NONBLOCK)), w = (int)OK(garn_open(name, O_WRONLY));
	OK(fcntl(r, F_SETFL, 0));
	OK(unlink(name));
	transfer(r, w, BIG / T_SCALE);
}

static void ends(void)
{
	int p[2];
	char c = 'x';
	OK(pipe(p));
	OK(garn_close(p[0]));
	FAILS(garn_write(p[1], &c, 1), EPIPE);
	OK(garn_close(p[1]));
	FAILS(garn_write(p[1], &c, 1), EBADF);
	FAILS(garn_read(p[0], &c, 1), EBADF);
	FAILS(garn_close(p[0]), EBADF);
	FAILS(garn_read(-1, &c, 1), EBADF);
	FAILS(garn_close(-1), EBADF);
	CHECK_EQ(garn_read(OK(garn_open("/dev/null", O_RDONLY)), &c, 1), 0);
}

int main(void)
{
	int p[2];
	for (int i = 0; i < 2; i++) {
		OK(pipe(p));
		transfer(p[0], p[1], BIG);
		t_unixpair(p);
		transfer(p[0], p[1], BIG);
		t_tcppair(p);
		transfer(p[0], p[1], BIG);
		OK(pipe2(p, O_NONBLOCK));
		transfer(p[0], p[1], BIG);
	}
	OK(pipe(p));
	garn_waitgroup_add(&wg, 1);
	go(writevs, p[1]);
	readall(p[0], 100 * 4999);
	t_unixpair(p);
	garn_waitgroup_add(&wg, 1);
	go(writevs, p[1]);
	readall(p[0], 100 * 4999);
	garn_waitgroup_wait(&wg);
	vectors();
	fifo();
	ends();
	return 0;
}
