// Deadlines: in the future, in the past, put off, taken back, for one direction or both, for those who wait already and
// those who come later; set again and again while somebody reads. Go's TestReadTimeout, TestVariousDeadlines, TestReadWriteDeadlineRace.
#include "io.h"

static garn_waitgroup wg;

static void must_wait(int fd, int64_t ns)
{
	char c;
	int64_t before = garn_now();
	OK(garn_set_deadline(fd, GARN_READ, before + ns));
	FAILS(garn_read(fd, &c, 1), ETIMEDOUT);
	CHECK(garn_now() - before >= ns);
	FAILS(garn_read(fd, &c, 1), ETIMEDOUT);
	FAILS(garn_recv(fd, &c, 1, 0), ETIMEDOUT);
}

static void various(int p[2])
{
	char c = 'a';
	const int64_t times[] = { 1, 1000, GARN_US(50), GARN_MS(1), GARN_MS(20) };
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		must_wait(p[0], times[i]);
	// Past, whatever there is to read; writing is another matter.
	OK(garn_set_deadline(p[0], GARN_READ, 1));
	CHECK_EQ(garn_write(p[1], &c, 1), 1);
	FAILS(garn_read(p[0], &c, 1), ETIMEDOUT);
	CHECK_EQ(garn_write(p[0], &c, 1), 1);
	OK(garn_set_deadline(p[0], GARN_READ, 0));
	CHECK_EQ(garn_read(p[0], &c, 1), 1);
	OK(garn_set_deadline(p[0], GARN_WRITE, 1));
	FAILS(garn_write(p[0], &c, 1), ETIMEDOUT);
	FAILS(garn_send(p[0], &c, 1, 0), ETIMEDOUT);
	OK(garn_set_deadline(p[0], GARN_READ | GARN_WRITE, garn_now() + GARN_S(100)));
	CHECK_EQ(garn_read(p[1], &c, 1), 1);
	CHECK_EQ(garn_write(p[0], &c, 1), 1);
	CHECK_EQ(garn_read(p[1], &c, 1), 1);
	OK(garn_set_deadline(p[0], GARN_READ | GARN_WRITE, 0));
}

static void times_out(int fd)
{
	char c;
	FAILS(garn_read(fd, &c, 1), ETIMEDOUT);
	garn_waitgroup_done(&wg);
}

static void gets(int fd, ssize_t *r)
{
	char c;
	*r = garn_read(fd, &c, 1);
	if (*r < 0)
		*r = -errno;
	garn_waitgroup_done(&wg);
}

static void gets_now(int fd)
{
	char c;
	CHECK_EQ(garn_read(fd, &c, 1), 1);
}

// For those who wait already: a deadline in the past, one in the future, one that is put off and one that is called off.
static void waiting(int p[2])
{
	for (int i = 0; i < 4; i++) {
		garn_waitgroup_add(&wg, 3);
		for (int k = 0; k < 3; k++)
			go(times_out, p[0]);
		t_settle();
		if (i == 1)
			OK(garn_set_deadline(p[0], GARN_READ, garn_now() + GARN_S(100)));
		OK(garn_set_deadline(p[0], GARN_READ, i == 0 ? 1 : garn_now() + GARN_MS(i)));
		garn_waitgroup_wait(&wg);
		OK(garn_set_deadline(p[0], GARN_READ, 0));
	}
	bool intime = false;
	for (int ms = 30; !intime; ms *= 2) { // should this call come too late itself, once more
		int64_t when = garn_now() + GARN_MS(ms);
		ssize_t r;
		garn_waitgroup_add(&wg, 1);
		OK(garn_set_deadline(p[0], GARN_READ, when));
		go(gets, p[0], &r);
		t_settle();
		OK(garn_set_deadline(p[0], GARN_READ, 0));
		intime = garn_now() < when;
		garn_sleep(when - garn_now() + GARN_MS(5));
		CHECK_EQ(garn_write(p[1], "x", 1), 1);
		garn_waitgroup_wait(&wg);
		CHECK(r == 1 || (!intime && r == -ETIMEDOUT));
		if (r != 1)
			gets_now(p[0]);
	}
}

static void puts_all(int fd, const char *p, size_t n, ssize_t *k)
{
	*k = garn_write(fd, p, n);
	garn_waitgroup_done(&wg);
}

// A writer gets away with a part, and the rest is past its time.
static void part(int p[2])
{
	size_t n = 8 << 20;
	char *big = calloc(1, n);
	struct pollfd some = { .fd = p[1], .events = POLLIN };
	ssize_t k;
	garn_waitgroup_add(&wg, 1);
	go(puts_all, p[0], big, n, &k);
	CHECK_EQ(garn_poll(&some, 1, -1), 1);
	OK(garn_set_deadline(p[0], GARN_WRITE, garn_now() + GARN_MS(2)));
	garn_waitgroup_wait(&wg);
	CHECK(k > 0 && (size_t)k < n);
	FAILS(garn_write(p[0], big, n), ETIMEDOUT);
	OK(garn_set_deadline(p[0], GARN_WRITE, 0));
	while (k > 0)
		k -= OK(garn_read(p[1], big, n));
	free(big);
}

static int stop;

static void sets(int fd)
{
	for (int i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		int64_t when = i % 3 ? garn_now() + GARN_US(i % 50) : i % 2;
		OK(garn_set_deadline(fd, i % 4 ? GARN_READ : GARN_READ | GARN_WRITE, when));
		garn_yield();
	}
	garn_waitgroup_done(&wg);
}

// Deadlines come and go while one end reads: nothing is lost or read twice.
static void race(int p[2])
{
	int n = T_SCALED(20000), got = 0;
	garn_waitgroup_add(&wg, 2);
	go(sets, p[0]);
	go(sets, p[0]);
	for (int sent = 0; got < n;) {
		if (sent < n && sent - got < 100) {
			OK(garn_write(p[1], &sent, sizeof sent));
			sent++;
		}
		int x;
		ssize_t k = sent - got < 50 && sent < n ? 0 : garn_recv(p[0], &x, sizeof x, MSG_WAITALL);
		if (k > 0) {
			CHECK_EQ(k, sizeof x);
			CHECK_EQ(x, got);
			got++;
		} else if (k < 0) {
			CHECK_EQ(errno, ETIMEDOUT);
		}
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	garn_waitgroup_wait(&wg);
	OK(garn_set_deadline(p[0], GARN_READ | GARN_WRITE, 0));
}

static void accepts(void)
{
	struct sockaddr_in a;
	int l = t_listen(&a);
	OK(garn_set_deadline(l, GARN_READ, garn_now() + GARN_MS(5)));
	FAILS(garn_accept(l, NULL, NULL), ETIMEDOUT);
	OK(garn_close(l));
	// The next file of that number knows nothing of it.
	l = t_listen(&a);
	int c = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(garn_connect(c, (struct sockaddr *)&a, sizeof a));
	OK(garn_close((int)OK(garn_accept(l, NULL, NULL))));
	OK(garn_close(c));
	OK(garn_close(l));
}

int main(void)
{
	int p[2];
	t_unixpair(p);
	FAILS(garn_set_deadline(p[0], 0, 1), EINVAL);
	FAILS(garn_set_deadline(p[0], 4, 1), EINVAL);
	FAILS(garn_set_deadline(-1, GARN_READ, 1), EBADF);
	FAILS(garn_set_deadline(900, GARN_READ, 1), EBADF);
	for (int i = 0; i < 2; i++) {
		various(p);
		waiting(p);
		part(p);
		race(p);
		stop = 0;
		t_tcppair(p);
	}
	accepts();
	return 0;
}
