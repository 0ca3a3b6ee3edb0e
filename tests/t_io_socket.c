// Sockets: TCP, UDP and Unix; half closes, messages, vectors, descriptors sent along, the flags MSG_PEEK, MSG_WAITALL and
// MSG_DONTWAIT; errors each with its own errno: refused, reset, unreachable, in use, connected already, no socket.
#include "io.h"
#include <sched.h>

static garn_waitgroup wg;

static void echoes(int l)
{
	char buf[100];
	ssize_t n;
	struct sockaddr_in from;
	socklen_t len = sizeof from;
	int fd = (int)OK(garn_accept(l, (struct sockaddr *)&from, &len));
	CHECK_EQ(len, sizeof from);
	CHECK_EQ(ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
	while ((n = OK(garn_recv(fd, buf, sizeof buf, 0))) > 0)
		CHECK_EQ(garn_send(fd, buf, (size_t)n, 0), n);
	CHECK_EQ(garn_write(fd, "end", 3), 3);
	OK(garn_close(fd));
	garn_waitgroup_done(&wg);
}

static void tcp(void)
{
	struct sockaddr_in a;
	char buf[100];
	int l = t_listen(&a);
	garn_waitgroup_add(&wg, 1);
	go(echoes, l);
	int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(garn_connect(fd, (struct sockaddr *)&a, sizeof a));
	CHECK_EQ(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	FAILS(garn_connect(fd, (struct sockaddr *)&a, sizeof a), EISCONN);
	for (int i = 0; i < T_SCALED(1000); i++) {
		CHECK_EQ(garn_write(fd, "hello", 5), 5);
		CHECK_EQ(garn_recv(fd, buf, 2, MSG_PEEK), 2);
		CHECK_EQ(garn_recv(fd, buf, 5, MSG_WAITALL), 5);
		CHECK(memcmp(buf, "hello", 5) == 0);
	}
	FAILS(garn_recv(fd, buf, 1, MSG_DONTWAIT), EAGAIN);
	OK(shutdown(fd, SHUT_WR));
	CHECK_EQ(garn_recv(fd, buf, 100, MSG_WAITALL), 3);
	CHECK_EQ(garn_read(fd, buf, 1), 0);
	FAILS(garn_write(fd, buf, 1), EPIPE);
	FAILS(garn_send(fd, buf, 1, 0), EPIPE);
	garn_waitgroup_wait(&wg);
	OK(garn_close(fd));
	OK(garn_close(l));
}

static void answers(int fd)
{
	char buf[2000];
	struct sockaddr_in from;
	for (;;) {
		socklen_t len = sizeof from;
		ssize_t n = OK(garn_recvfrom(fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &len));
		CHECK_EQ(len, sizeof from);
		CHECK_EQ(garn_sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, len), n);
		if (n == 0)
			break;
	}
	OK(garn_close(fd));
	garn_waitgroup_done(&wg);
}

static void udp(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	char buf[2000] = "", out[2000];
	int s = (int)OK(socket(AF_INET, SOCK_DGRAM, 0)), c = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
	OK(bind(s, (struct sockaddr *)&a, len));
	OK(getsockname(s, (struct sockaddr *)&a, &len));
	garn_waitgroup_add(&wg, 1);
	go(answers, s);
	OK(garn_connect(c, (struct sockaddr *)&a, sizeof a));
	for (int i = 1; i < 200; i++) {
		memset(out, i, (size_t)i);
		CHECK_EQ(garn_send(c, out, (size_t)i, 0), i);
		CHECK_EQ(garn_read(c, buf, sizeof buf), i);
		CHECK(memcmp(buf, out, (size_t)i) == 0);
	}
	FAILS(garn_send(c, buf, 100000, 0), EMSGSIZE);
	OK(garn_send(c, buf, 0, 0));
	CHECK_EQ(garn_recv(c, buf, sizeof buf, 0), 0);
	garn_waitgroup_wait(&wg);
	OK(garn_send(c, buf, 1, 0));
	FAILS(garn_recv(c, buf, 1, 0), ECONNREFUSED);
	OK(garn_close(c));
}

// A Unix datagram socket whose receiver's queue is full: poll says ready, send says no.
static void drains(int fd, int n)
{
	char buf[16];
	garn_sleep(GARN_MS(20));
	for (int i = 0; i < n; i++)
		CHECK_EQ(garn_recv(fd, buf, sizeof buf, 0), 4);
	garn_waitgroup_done(&wg);
}

static void crowd(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "garn-t-io-socket-%d", getpid());
	int s = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0)), c = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	OK(bind(s, (struct sockaddr *)&a, sizeof a));
	garn_waitgroup_add(&wg, 1);
	go(drains, s, 1000);
	for (int i = 0; i < 1000; i++)
		CHECK_EQ(garn_sendto(c, &i, sizeof i, 0, (struct sockaddr *)&a, sizeof a), sizeof i);
	garn_waitgroup_wait(&wg);
	OK(garn_close(s));
	OK(garn_close(c));
}

static void gets_fd(int s)
{
	char text[8], control[CMSG_SPACE(sizeof(int))];
	struct iovec v = { text, sizeof text };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	CHECK_EQ(garn_recvmsg(s, &m, 0), 5);
	int fd;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
	CHECK_EQ(garn_write(fd, "there", 5), 5);
	OK(garn_close(fd));
	garn_waitgroup_done(&wg);
}

static void messages(void)
{
	int s[2], p[2];
	char control[CMSG_SPACE(sizeof(int))], buf[8];
	struct iovec v[2] = { { "he", 2 }, { "llo", 3 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof control };
	OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
	OK(pipe(p));
	memset(control, 0, sizeof control);
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &p[1], sizeof(int));
	garn_waitgroup_add(&wg, 1);
	go(gets_fd, s[0]);
	garn_yield();
	CHECK_EQ(garn_sendmsg(s[1], &m, 0), 5);
	OK(garn_close(p[1]));
	CHECK_EQ(garn_read(p[0], buf, 5), 5);
	CHECK(memcmp(buf, "there", 5) == 0);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(garn_read(p[0], buf, 5), 0);
	OK(garn_close(p[0]));
	OK(garn_close(s[0]));
	OK(garn_close(s[1]));
}

// More than the socket holds, in many pieces.
static void takes(int fd, size_t n)
{
	static unsigned char all[3 << 20];
	CHECK_EQ(garn_recv(fd, all, n, MSG_WAITALL), n);
	for (size_t i = 0; i < n; i++)
		CHECK_EQ(all[i], (unsigned char)(i * 7));
	garn_waitgroup_done(&wg);
}

static void vectors(void)
{
	enum { N = 60, PIECE = 50001 };
	static unsigned char all[N * PIECE];
	struct iovec v[N];
	struct msghdr m = { .msg_iov = v, .msg_iovlen = N };
	int s[2];
	t_tcppair(s);
	OK(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &(int){ 20000 }, sizeof(int)));
	OK(setsockopt(s[1], SOL_SOCKET, SO_RCVBUF, &(int){ 20000 }, sizeof(int)));
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (unsigned char)(i * 7);
	for (int i = 0; i < N; i++)
		v[i] = (struct iovec){ all + i * PIECE, PIECE };
	garn_waitgroup_add(&wg, 1);
	go(takes, s[1], sizeof all);
	CHECK_EQ(garn_sendmsg(s[0], &m, 0), sizeof all);
	garn_waitgroup_wait(&wg);
	OK(garn_close(s[0]));
	OK(garn_close(s[1]));
}

static void reset(int fd, bool late)
{
	struct linger now = { 1, 0 };
	if (late)
		t_settle();
	OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now));
	OK(garn_close(fd));
}

// Of a connection that is reset who reads or writes, or waits to, hears so once; then it is at its end.
static void resets(void)
{
	static char big[1 << 20];
	for (int i = 0; i < 8; i++) {
		int s[2];
		char c = 'x';
		bool late = i & 1;
		t_tcppair(s);
		if (i >= 6)
			CHECK_EQ(garn_write(s[0], "abc", 3), 3);
		if (late)
			go(reset, s[0], true);
		else
			reset(s[0], false);
		if (i < 2) {
			FAILS(garn_read(s[1], &c, 1), ECONNRESET);
			CHECK_EQ(garn_read(s[1], &c, 1), 0);
		} else if (i >= 6) { // wants more than the part that comes before the end
			CHECK_EQ(garn_recv(s[1], big, 100, MSG_WAITALL), 3);
			FAILS(garn_recv(s[1], big, 100, MSG_WAITALL), ECONNRESET);
		} else {
			while ((i < 4 ? garn_write(s[1], big, sizeof big) : garn_send(s[1], big, sizeof big, 0)) > 0)
				;
			CHECK_EQ(errno, ECONNRESET);
		}
		FAILS(garn_write(s[1], &c, 1), EPIPE);
		OK(garn_close(s[1]));
	}
}

// In a network with nothing in it, which a thread may have to itself.
static void unreachable(garn_waitgroup *done)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	garn_lock_os_thread(); // it ends with us
	if (unshare(CLONE_NEWNET) == 0) {
		int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
		FAILS(garn_connect(fd, (struct sockaddr *)&a, sizeof a), ENETUNREACH);
		OK(garn_close(fd));
		FAILS(garn_dial("tcp", "127.0.0.1:9"), ENETUNREACH);
		FAILS(garn_dial_until("tcp4", "192.0.2.1:9", garn_now() + GARN_S(60)), ENETUNREACH);
	} else {
		printf("unreachable networks are not tried: %s\n", strerror(errno));
	}
	garn_waitgroup_done(done);
}

static void errors(void)
{
	struct sockaddr_in a;
	char c = 'x';
	int l = t_listen(&a), fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	FAILS(bind(fd, (struct sockaddr *)&a, sizeof a), EADDRINUSE);
	FAILS(garn_read(fd, &c, 1), ENOTCONN);
	OK(garn_close(l));
	FAILS(garn_connect(fd, (struct sockaddr *)&a, sizeof a), ECONNREFUSED);
	OK(garn_close(fd));
	fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
	a.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	CHECK(garn_connect(fd, (struct sockaddr *)&a, sizeof a) < 0 && (errno == ENETUNREACH || errno == EACCES));
	FAILS(garn_accept(fd, NULL, NULL), EINVAL);
	OK(garn_close(fd));
	fd = (int)OK(garn_open("/dev/null", O_RDWR));
	FAILS(garn_recv(fd, &c, 1, 0), ENOTSOCK);
	FAILS(garn_send(fd, &c, 1, 0), ENOTSOCK);
	FAILS(garn_connect(fd, (struct sockaddr *)&a, sizeof a), ENOTSOCK);
	OK(garn_close(fd));
	FAILS(garn_accept(-1, NULL, NULL), EBADF);
	FAILS(garn_accept(900, NULL, NULL), EBADF);
	FAILS(garn_connect(900, (struct sockaddr *)&a, sizeof a), EBADF);
	FAILS(garn_recv(900, &c, 1, 0), EBADF);
	garn_waitgroup done = { 0 };
	garn_waitgroup_add(&done, 1);
	go(unreachable, &done);
	garn_waitgroup_wait(&done);
}

int main(void)
{
	tcp();
	udp();
	crowd();
	messages();
	vectors();
	for (int i = 0; i < 20; i++)
		resets();
	errors();
	return 0;
}
