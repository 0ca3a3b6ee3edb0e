// Input and output, everything at once: pairs of goroutines send numbered bytes over pipes, Unix and TCP sockets in pieces of random
// sizes, by all the calls, and each byte is checked; deadlines come and go; some ends are closed by third ones, some numbers
// behind the library's back; pollers and threads take part; numbers are reused at once all the time.
#include "io.h"
#include <pthread.h>

enum { PAIRS = 24, THREADS = 2, MOST = 40000, OWN = 200 };

static int64_t finish;
static garn_waitgroup all;
static uint64_t seed;
static uint32_t number, rounds, cut;

// One connection. The stream's byte i is byte(key, i).
struct conn {
	int fd[2];
	uint64_t key;
	bool closing;  // a third one closes an end at some time
	bool deadlines;
	garn_waitgroup done, hurried;
};

static unsigned char byte(uint64_t key, uint64_t i)
{
	uint64_t x = (key + (i >> 3)) * UINT64_C(0x9e3779b97f4a7c15);
	return (unsigned char)(x >> (8 * (i & 7)));
}

static void fill(unsigned char *p, size_t n, uint64_t key, uint64_t at)
{
	for (size_t i = 0; i < n; i++)
		p[i] = byte(key, at + i);
}

static size_t size(struct t_rng *r)
{
	switch (t_below(r, 4)) {
	case 0: return 1 + t_below(r, 8);
	case 1: return 1 + t_below(r, 5000);
	case 2: return 4096;
	default: return 1 + t_below(r, MOST);
	}
}

static bool mayfail(struct conn *c, int err)
{
	if (c->closing && (err == ECANCELED || err == EBADF || err == EPIPE || err == ECONNRESET))
		return true;
	return c->deadlines && err == ETIMEDOUT;
}

static ssize_t put(int fd, const unsigned char *p, size_t n, bool socket, struct t_rng *r)
{
	struct iovec v[3] = { { (void *)p, n / 3 }, { (void *)(p + n / 3), n / 3 }, { (void *)(p + n / 3 * 2), n - n / 3 * 2 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 3 };
	switch (t_below(r, socket ? 4 : 2)) {
	case 0: return garn_write(fd, p, n);
	case 1: return garn_writev(fd, v, 3);
	case 2: return garn_send(fd, p, n, 0);
	default: return garn_sendmsg(fd, &m, 0);
	}
}

static ssize_t take(int fd, unsigned char *p, size_t n, bool socket, struct t_rng *r)
{
	struct iovec v[2] = { { p, n / 2 }, { p + n / 2, n - n / 2 } };
	struct pollfd f = { .fd = fd, .events = POLLIN };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	switch (t_below(r, socket ? 6 : 3)) {
	case 0: return garn_read(fd, p, n);
	case 1: return garn_readv(fd, v, 2);
	case 2:
		if (garn_poll(&f, 1, (int)t_below(r, 3) - 1) < 0)
			t_die(1);
		return garn_read(fd, p, n);
	case 3: return garn_recv(fd, p, n, 0);
	case 4: return garn_recv(fd, p, n < 100 ? n : 100, MSG_WAITALL);
	default: return garn_recvmsg(fd, &m, 0);
	}
}

static void sends(struct conn *c, uint64_t total, bool socket)
{
	struct t_rng r = t_rng(seed, c->key * 2);
	unsigned char *p = malloc(MOST);
	for (uint64_t at = 0; at < total;) {
		size_t n = size(&r);
		n = n < total - at ? n : (size_t)(total - at);
		fill(p, n, c->key, at);
		ssize_t k = put(c->fd[1], p, n, socket, &r);
		if (k < 0) {
			if (!mayfail(c, errno))
				OK(k);
			if (errno != ETIMEDOUT)
				break;
			garn_yield();
			continue;
		}
		CHECK(k == (ssize_t)n || c->closing || c->deadlines);
		at += (uint64_t)k;
		if (t_below(&r, 16) == 0)
			garn_sleep((int64_t)t_below(&r, 50000));
	}
	garn_waitgroup_wait(&c->hurried); // or the deadlines would be another connection's
	if (!c->closing)
		OK(garn_close(c->fd[1]));
	free(p);
	garn_waitgroup_done(&c->done);
}

static void receives(struct conn *c, uint64_t total, bool socket)
{
	struct t_rng r = t_rng(seed, c->key * 2 + 1);
	unsigned char *p = malloc(MOST);
	uint64_t at = 0;
	for (;;) {
		ssize_t k = take(c->fd[0], p, size(&r), socket, &r);
		if (k < 0) {
			if (!mayfail(c, errno))
				OK(k);
			if (errno != ETIMEDOUT)
				break;
			garn_yield();
			continue;
		}
		if (k == 0)
			break;
		for (ssize_t i = 0; i < k; i++)
			CHECK_EQ(p[i], byte(c->key, at + (uint64_t)i));
		at += (uint64_t)k;
		if (t_below(&r, 16) == 0)
			garn_sleep((int64_t)t_below(&r, 50000));
	}
	CHECK(c->closing || at == total);
	if (at != total)
		__atomic_fetch_add(&cut, 1, __ATOMIC_RELAXED);
	free(p);
	garn_waitgroup_done(&c->done);
}

// Deadlines in both directions, and taken back at the end.
static void hurries(struct conn *c, uint64_t n)
{
	struct t_rng r = t_rng(seed, n);
	for (int i = 0; i < 20; i++) {
		int64_t when = t_below(&r, 3) ? garn_now() + (int64_t)t_below(&r, 100000) : (int64_t)t_below(&r, 2);
		int fd = c->fd[t_below(&r, 2)];
		if (garn_set_deadline(fd, 1 + (int)t_below(&r, 3), when) < 0)
			CHECK_EQ(errno, EBADF);
		garn_sleep((int64_t)t_below(&r, 30000));
	}
	for (int i = 0; i < 2; i++)
		if (garn_set_deadline(c->fd[i], GARN_READ | GARN_WRITE, 0) < 0)
			CHECK_EQ(errno, EBADF);
	garn_waitgroup_done(&c->hurried);
}

static int listener;
static struct sockaddr_in addr;
static garn_mutex accepting;

static void make(struct conn *c, int kind)
{
	if (kind == 0) {
		OK(pipe(c->fd));
	} else if (kind == 1) {
		t_unixpair(c->fd);
	} else {
		c->fd[0] = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
		garn_mutex_lock(&accepting); // so that the one accepted is the one connected
		OK(garn_connect(c->fd[0], (struct sockaddr *)&addr, sizeof addr));
		c->fd[1] = (int)OK(garn_accept(listener, NULL, NULL));
		garn_mutex_unlock(&accepting);
	}
}

// Numbers that only this worker uses: who still has one after its close does not get at another connection.
static void keep(struct conn *c, uint64_t worker)
{
	for (int i = 0; i < 2; i++) {
		int own = OWN + 2 * (int)worker + i;
		OK(dup2(c->fd[i], own));
		OK(close(c->fd[i]));
		c->fd[i] = own;
	}
}

// One connection from beginning to end.
static void connection(struct t_rng *r, uint64_t worker)
{
	struct conn c = { .key = __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED) };
	int kind = (int)t_below(r, 3);
	uint64_t total = t_below(r, 300000 / T_SCALE);
	c.closing = t_below(r, 4) == 0;
	c.deadlines = !c.closing && t_below(r, 3) == 0; // a close takes the number away from under a deadline
	make(&c, kind);
	if (c.closing)
		keep(&c, worker);
	garn_waitgroup_add(&c.done, 2);
	garn_waitgroup_add(&c.hurried, c.deadlines);
	go(receives, &c, total, kind != 0);
	go(sends, &c, total, kind != 0);
	if (c.deadlines)
		go(hurries, &c, c.key + 1000000);
	if (c.closing) {
		garn_sleep((int64_t)t_below(r, 300000));
		int first = (int)t_below(r, 2);
		OK(garn_close(c.fd[first]));
		garn_sleep((int64_t)t_below(r, 20000));
		OK(garn_close(c.fd[1 - first]));
		garn_waitgroup_wait(&c.done);
		return;
	}
	garn_waitgroup_wait(&c.done);
	if (t_below(r, 2))
		OK(garn_close(c.fd[0]));
	else
		OK(close(c.fd[0]));
}

static void works(uint64_t n)
{
	struct t_rng r = t_rng(seed, UINT64_C(1) << 40 | n);
	while (garn_now() < finish) {
		connection(&r, n);
		__atomic_fetch_add(&rounds, 1, __ATOMIC_RELAXED);
	}
	garn_waitgroup_done(&all);
}

static void *thread(void *arg)
{
	works((uint64_t)(uintptr_t)arg);
	return NULL;
}

int main(void)
{
	pthread_t t[THREADS];
	seed = t_seed();
	finish = garn_now() + t_stress_time();
	listener = t_listen(&addr);
	garn_waitgroup_add(&all, PAIRS + THREADS);
	for (uint64_t i = 0; i < PAIRS; i++)
		go(works, i);
	for (uintptr_t i = 0; i < THREADS; i++)
		OK(-pthread_create(&t[i], NULL, thread, (void *)(PAIRS + i)));
	garn_waitgroup_wait(&all);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	printf("%u connections, %u cut\n", rounds, cut);
	return 0;
}
