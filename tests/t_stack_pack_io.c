// garn's calls on buffers that lie on packed stacks of others: each does what it does elsewhere, and no datagram and no child is lost. And
// while one waits with such a buffer, that stack stays where it is.
// ENV: GARN_PACK=5
// SAN: no-address no-thread (nothing is packed under them)
#include "t_pack.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

// On the stack of a goroutine that waits.
struct place {
	char buf[64];
	struct iovec v[2];
	struct msghdr m;
	struct sockaddr_un un;
	socklen_t len;
	struct pollfd p;
	int status;
	uint64_t canary;
	garn_chan_of(int) end;
};
enum { CANARY = 0x600d };
static uint32_t done;

static void waiter(garn_chan_of(struct place *) c)
{
	struct place pl;
	memset(&pl, 0, sizeof pl);
	pl.canary = CANARY;
	garn_chan_of(int) end = pl.end = garn_make(int, 0);
	chan_send(c, &pl);
	while (!chan_recv(end))
		CHECK_EQ(pl.canary, CANARY);
	CHECK_EQ(pl.canary, CANARY);
	chan_unref(end);
	ADD(done, 1);
}

static struct place *fresh(void)
{
	garn_chan_of(struct place *) c = garn_make(struct place *, 0);
	go(waiter, c);
	struct place *pl = chan_recv(c);
	chan_unref(c);
	return pl;
}

static struct place *packed(void)
{
	struct place *pl = fresh();
	t_await_packed(pl);
	return pl;
}

static void over(struct place *pl)
{
	uint32_t n = GET(done);
	chan_send(pl->end, 1);
	t_await(&done, n + 1);
}

static int pairfd[2];

static void sends(int n)
{
	char text[16];
	CHECK_EQ(send(pairfd[0], text, (size_t)snprintf(text, sizeof text, "datagram %d", n), 0), 10);
}

static void arrived(struct place *pl, ssize_t r, int n)
{
	char text[16];
	snprintf(text, sizeof text, "datagram %d", n);
	CHECK_EQ(r, 10);
	CHECK(memcmp(pl->buf, text, 10) == 0);
	over(pl);
}

static void receiving(void)
{
	struct place *pl;
	for (int n = 0; n < 5; n++)
		sends(n);
	pl = packed();
	arrived(pl, garn_read(pairfd[1], pl->buf, sizeof pl->buf), 0);
	pl = packed();
	arrived(pl, garn_recv(pairfd[1], pl->buf, sizeof pl->buf, MSG_DONTWAIT), 1);
	pl = packed();
	struct iovec v[2] = { { pl->buf, 3 }, { pl->buf + 3, sizeof pl->buf - 3 } };
	arrived(pl, garn_readv(pairfd[1], v, 2), 2);
	pl = fresh();
	pl->v[0] = (struct iovec){ pl->buf, sizeof pl->buf };
	pl->m = (struct msghdr){ .msg_iov = pl->v, .msg_iovlen = 1 };
	t_await_packed(pl);
	arrived(pl, garn_recvmsg(pairfd[1], &pl->m, 0), 3);
	pl = packed();
	arrived(pl, garn_recvfrom(pairfd[1], pl->buf, sizeof pl->buf, 0, (struct sockaddr *)&pl->un, NULL), 4);
	CHECK_EQ(garn_recv(pairfd[1], (char[8]){ 0 }, 8, MSG_DONTWAIT), -1);
	CHECK_EQ(errno, EAGAIN);
}

static void sending(void)
{
	char got[64] = "";
	struct place *pl = fresh();
	strcpy(pl->buf, "from there");
	pl->v[0] = (struct iovec){ pl->buf, 4 };
	pl->v[1] = (struct iovec){ pl->buf + 4, 6 };
	pl->m = (struct msghdr){ .msg_iov = pl->v, .msg_iovlen = 2 };
	t_await_packed(pl);
	CHECK_EQ(garn_sendmsg(pairfd[1], &pl->m, 0), 10);
	CHECK_EQ(garn_recv(pairfd[0], got, sizeof got, 0), 10);
	CHECK_STR(got, "from there");
	over(pl);
	pl = packed();
	CHECK_EQ(garn_write(pairfd[1], pl->buf, sizeof pl->buf), sizeof pl->buf);
	CHECK_EQ(garn_recv(pairfd[0], got, sizeof got, 0), sizeof pl->buf);
	over(pl);
}

static void files(void)
{
	char name[] = "garn-t-stack-pack-XXXXXX";
	int fd = mkstemp(name);
	CHECK(fd >= 0);
	struct place *pl = fresh();
	strcpy(pl->buf, name);
	t_await_packed(pl);
	int again = garn_open(pl->buf, O_RDWR);
	CHECK(again >= 0);
	over(pl);
	pl = packed();
	CHECK_EQ(garn_pwrite(again, pl->buf, sizeof pl->buf, 0), sizeof pl->buf);
	over(pl);
	CHECK_EQ(pwrite(fd, "content", 7, 0), 7);
	pl = packed();
	CHECK_EQ(garn_pread(again, pl->buf, 7, 0), 7);
	CHECK(memcmp(pl->buf, "content", 7) == 0);
	over(pl);
	unlink(name);
	close(fd);
	close(again);
}

static void dials(struct sockaddr_un *to, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_EQ(garn_connect(fd, (struct sockaddr *)to, len), 0);
	garn_close(fd);
}

static void connecting(void)
{
	struct place *pl = fresh(), *from = fresh();
	int l = socket(AF_UNIX, SOCK_STREAM, 0);
	pl->un.sun_family = AF_UNIX;
	pl->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + snprintf(pl->un.sun_path + 1, 64, "garn-t-pack-%d", getpid()));
	CHECK_EQ(bind(l, (struct sockaddr *)&pl->un, pl->len), 0);
	CHECK_EQ(listen(l, 5), 0);
	socklen_t len = pl->len;
	from->len = sizeof from->un;
	from->un.sun_family = 77;
	t_await_packed(pl);
	t_await_packed(from);
	go(dials, &pl->un, len);
	int fd = garn_accept(l, (struct sockaddr *)&from->un, &from->len);
	CHECK(fd >= 0);
	CHECK_EQ(from->un.sun_family, AF_UNIX);
	char c;
	CHECK_EQ(garn_read(fd, &c, 1), 0);
	close(fd);
	close(l);
	over(pl);
	over(from);
}

static void others(void)
{
	struct place *pl = packed();
	pid_t child = fork();
	if (child == 0)
		_exit(7);
	CHECK_EQ(garn_waitpid(child, &pl->status, 0), child);
	CHECK_EQ(WEXITSTATUS(pl->status), 7);
	over(pl);
	pl = fresh();
	pl->p = (struct pollfd){ .fd = pairfd[1], .events = POLLIN | POLLOUT };
	t_await_packed(pl);
	CHECK_EQ(garn_poll(&pl->p, 1, 0), 1);
	CHECK_EQ(pl->p.revents, POLLOUT);
	over(pl);
}

static uint32_t reads;

static void reader(void *arg)
{
	struct place *pl = arg;
	ADD(reads, 1);
	CHECK_EQ(garn_recv(pairfd[1], pl->buf, sizeof pl->buf, 0), 10);
	ADD(reads, 1);
}

// While the reader waits the one whose buffer it has waits anew, and is not packed, though another is that came later; but then it is.
static void held(bool thread)
{
	struct place *pl = packed();
	struct t_worker w;
	SET(reads, 0);
	t_start(&w, thread, reader, pl);
	t_await(&reads, 1);
	t_settle();
	chan_send(pl->end, 0);
	for (int i = 0; i < 2; i++)
		over(packed());
	CHECK(!t_packed(pl));
	sends(9);
	t_join(&w);
	CHECK_EQ(reads, 2);
	CHECK(memcmp(pl->buf, "datagram 9", 10) == 0);
	chan_send(pl->end, 0);
	t_await_packed(pl);
	over(pl);
}

static struct pollfd *polled;

static void polls(int timeout)
{
	struct pollfd two[2] = { { .fd = -1 }, { .fd = pairfd[1], .events = POLLIN } };
	SET(polled, two);
	CHECK_EQ(garn_poll(two, 2, timeout), timeout < 0);
	CHECK_EQ(two[1].revents, timeout < 0 ? POLLIN : 0);
	ADD(done, 1);
}

static void computes(uint32_t n)
{
	while (GET(done) < n)
		;
}

// Who waits in garn_poll is packed, until one of its descriptors is ready, or it is too late. Nobody has time to ask for events then, but sysmon.
static void polling(void)
{
	char text[16];
	for (int timeout = -1; timeout < 2000; timeout += 1501) {
		uint32_t n = GET(done);
		SET(polled, NULL);
		go(polls, timeout);
		while (!GET(polled))
			garn_yield();
		t_await_packed(polled);
		for (int i = 1; i < garn_gomaxprocs(0); i++)
			go(computes, n + 1);
		if (timeout < 0)
			sends(3);
		computes(n + 1);
		if (timeout < 0)
			CHECK_EQ(recv(pairfd[1], text, sizeof text, 0), 10);
	}
}

int main(void)
{
	t_need_packing();
	CHECK_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, pairfd), 0);
	receiving();
	sending();
	files();
	connecting();
	others();
	held(false);
	held(true);
	polling();
	garn_stats s;
	garn_read_stats(&s);
	CHECK(s.packed.by_call >= 12);
	return 0;
}
