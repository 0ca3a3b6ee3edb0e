// Load: 10,000 connections to an echo server in a process of its own, all held and served at once. Each has one message there and
// back, then all are idle and the server is measured; then all talk: in pieces of random sizes, with clients that stall, half-close
// and reset. Every byte is checked, each step has a deadline, and the server's own counts must agree. A second wave of 10,000 must
// need no more memory than the first. What an idle connection costs is printed: the server's resident pages and page tables, a buffer
// of 4 KB on its stack among them (as much of it as was touched); what the kernel has for a socket is not in it.
// PROCS: 2
// TIMEOUT: 60
#include "io.h"
#include "t_self.h"
#include <dirent.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

enum { N = T_SCALED(10000), SPARE = 200, ARRIVING = 1000, HELLO = 64, SMALL = 16000, LARGE = 400000 };
enum { WHOLE, HALF, RESET }; // how a client ends
static const int64_t patience = GARN_S(60);

// ---- the server -----------------------------------------------------------------------------------------

struct counts {
	long begun, whole, broken, goroutines;
};

static struct counts counts;

static void count(long *n)
{
	__atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
}

static void echo(int fd)
{
	char buf[4096];
	ssize_t n;
	do {
		OK(garn_set_deadline(fd, GARN_READ | GARN_WRITE, garn_now() + patience));
		n = garn_read(fd, buf, sizeof buf);
	} while (n > 0 && garn_write(fd, buf, (size_t)n) == n);
	count(n == 0 ? &counts.whole : &counts.broken);
	OK(garn_close(fd));
}

static void accepts(int listener)
{
	for (;;) {
		int fd = (int)OK(garn_accept(listener, NULL, NULL));
		count(&counts.begun);
		go(echo, fd);
	}
}

// Descriptor 0 leads to the clients' process: it gets the address, then the counts for each byte it sends, until it is gone.
static int serve(void)
{
	struct sockaddr_in a;
	int l = t_listen(&a), little = 16 << 10;
	char ask;
	// So who does not read stops the server's writing soon. Its receive buffer is left alone: Linux 6.18 drops an acknowledgement
	// that comes with data beyond a window that was narrowed meanwhile, and both ends wait for minutes.
	OK(setsockopt(l, SOL_SOCKET, SO_SNDBUF, &little, sizeof little));
	OK(listen(l, 4096));
	OK(garn_write(0, &a, sizeof a));
	go(accepts, l);
	while (OK(garn_read(0, &ask, 1)) == 1) {
		counts.goroutines = garn_num_goroutines();
		OK(garn_write(0, &counts, sizeof counts));
	}
	return 0;
}

// ---- looking at it ----------------------------------------------------------------------------------------

struct server {
	pid_t pid;
	int control;
	struct sockaddr_in address;
};

static struct server start(void)
{
	struct server s;
	int ends[2];
	char exe[] = "/proc/self/exe", arg[] = "serve", *argv[] = { exe, arg, NULL };
	posix_spawn_file_actions_t acts;
	OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	CHECK_EQ(posix_spawn_file_actions_init(&acts), 0);
	CHECK_EQ(posix_spawn_file_actions_adddup2(&acts, ends[1], 0), 0);
	CHECK_EQ(posix_spawn(&s.pid, exe, &acts, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&acts);
	OK(close(ends[1]));
	s.control = ends[0];
	CHECK_EQ(garn_recv(s.control, &s.address, sizeof s.address, MSG_WAITALL), sizeof s.address);
	return s;
}

static struct counts ask(struct server *s)
{
	struct counts c;
	CHECK_EQ(garn_write(s->control, "?", 1), 1);
	CHECK_EQ(garn_recv(s->control, &c, sizeof c, MSG_WAITALL), sizeof c);
	return c;
}

static long descriptors(struct server *s)
{
	char path[64];
	long n = 0;
	snprintf(path, sizeof path, "/proc/%d/fd", (int)s->pid);
	DIR *d = opendir(path);
	CHECK(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

// Resident pages and page tables, in bytes.
static long memory(struct server *s)
{
	char line[256];
	long kb = 0;
	snprintf(line, sizeof line, "/proc/%d/status", (int)s->pid);
	FILE *f = fopen(line, "r");
	CHECK(f);
	while (fgets(line, sizeof line, f))
		if (strncmp(line, "VmRSS:", 6) == 0 || strncmp(line, "VmPTE:", 6) == 0)
			kb += strtol(line + 6, NULL, 10);
	fclose(f);
	return kb * 1024;
}

// ---- the clients ------------------------------------------------------------------------------------------

struct conn {
	int fd, end;
	uint64_t key;   // byte i of what is sent is byte(key, i)
	uint32_t total; // bytes to send
	garn_waitgroup writing;
};

struct wave {
	struct server *server;
	uint64_t number;
	chan(int) gate;
	garn_sem arriving; // fewer at a time than the listener's queue holds, or the kernel drops some, and tries again seconds later
	garn_waitgroup up, down;
	long bytes, ends[3];
};

static unsigned char byte(uint64_t key, uint64_t i)
{
	uint64_t x = (key + (i >> 3)) * UINT64_C(0x9e3779b97f4a7c15);
	return (unsigned char)(x >> (8 * (i & 7)));
}

static size_t piece(struct t_rng *r, size_t most)
{
	size_t n = 1 + t_below(r, t_below(r, 4) == 0 ? 8 : 5000);
	return n < most ? n : most;
}

static void expects(struct conn *c, int which)
{
	OK(garn_set_deadline(c->fd, which, garn_now() + patience));
}

// Each client's source is one of several addresses: there are more connections, with those just ended, than one has ports.
static int dial(int i, struct server *s)
{
	int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0)), on = 1;
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)i % 16) };
	OK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
	OK(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on));
	OK(bind(fd, (struct sockaddr *)&from, sizeof from));
	OK(garn_set_deadline(fd, GARN_WRITE, garn_now() + patience));
	OK(garn_connect(fd, (struct sockaddr *)&s->address, sizeof s->address));
	return fd;
}

static void hello(struct conn *c)
{
	unsigned char out[HELLO], in[HELLO];
	for (int i = 0; i < HELLO; i++)
		out[i] = byte(~c->key, (uint64_t)i);
	expects(c, GARN_READ | GARN_WRITE);
	CHECK_EQ(garn_write(c->fd, out, HELLO), HELLO);
	CHECK_EQ(garn_recv(c->fd, in, HELLO, MSG_WAITALL), HELLO);
	CHECK(memcmp(in, out, HELLO) == 0);
}

static void writer(struct conn *c)
{
	struct t_rng r = t_rng(c->key, 1);
	unsigned char buf[5000];
	for (uint32_t at = 0; at < c->total;) {
		size_t n = piece(&r, c->total - at);
		for (size_t i = 0; i < n; i++)
			buf[i] = byte(c->key, at + i);
		if (t_below(&r, 8) == 0)
			garn_sleep((int64_t)t_below(&r, GARN_MS(20)));
		if (c->end != RESET) // which may have closed it meanwhile
			expects(c, GARN_WRITE);
		ssize_t put = garn_write(c->fd, buf, n);
		if (put != (ssize_t)n && c->end == RESET)
			break;
		CHECK_EQ(put, n);
		at += (uint32_t)n;
	}
	if (c->end == HALF)
		OK(shutdown(c->fd, SHUT_WR));
	garn_waitgroup_done(&c->writing);
}

static void reader(struct conn *c, uint32_t until, struct t_rng *r)
{
	unsigned char buf[5000];
	for (uint32_t at = 0; at < until;) {
		size_t most = piece(r, until - at);
		if (t_below(r, 8) == 0)
			garn_sleep((int64_t)t_below(r, GARN_MS(20)));
		expects(c, GARN_READ);
		ssize_t n = OK(garn_read(c->fd, buf, most));
		CHECK(n > 0);
		for (ssize_t i = 0; i < n; i++)
			CHECK_EQ(buf[i], byte(c->key, at + (uint64_t)i));
		at += (uint32_t)n;
	}
}

static void client(int i, struct wave *w)
{
	struct conn c = { .key = t_rng(t_seed() + w->number, (uint64_t)i).x };
	struct t_rng r = t_rng(c.key, 0);
	garn_sem_acquire(&w->arriving);
	c.fd = dial(i, w->server);
	hello(&c);
	garn_sem_release(&w->arriving);
	garn_waitgroup_done(&w->up);
	chan_recv(w->gate);

	bool stalls = t_below(&r, 16) == 0; // writes more than fits on the way before it reads
	c.total = 1 + (uint32_t)t_below(&r, stalls ? LARGE : SMALL);
	c.end = (int)t_below(&r, 3);
	uint32_t until = c.end == RESET ? (uint32_t)t_below(&r, c.total) : c.total;
	garn_waitgroup_add(&c.writing, 1);
	go(writer, &c);
	if (stalls)
		garn_sleep((int64_t)t_below(&r, GARN_S(2)));
	reader(&c, until, &r);
	if (c.end == HALF) {
		char more;
		expects(&c, GARN_READ);
		CHECK_EQ(garn_read(c.fd, &more, 1), 0);
	}
	if (c.end == RESET) {
		struct linger now = { 1, 0 };
		OK(setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now));
	}
	if (c.end != RESET)
		garn_waitgroup_wait(&c.writing);
	OK(garn_close(c.fd));
	garn_waitgroup_wait(&c.writing);
	count(&w->ends[c.end]);
	__atomic_fetch_add(&w->bytes, HELLO + until, __ATOMIC_RELAXED);
	garn_waitgroup_done(&w->down);
}

// One wave; returns what the server has resident when it is over.
static long wave(struct server *s, uint64_t number)
{
	struct wave w = { .server = s, .number = number, .gate = chan_make(int, 0) };
	struct counts first = ask(s), c;
	long mem = memory(s);
	for (int i = 0; i < ARRIVING; i++)
		garn_sem_release(&w.arriving);
	garn_waitgroup_add(&w.up, N);
	garn_waitgroup_add(&w.down, N);
	for (int i = 0; i < N; i++)
		go(client, i, &w);
	garn_waitgroup_wait(&w.up);
	t_settle();
	CHECK_EQ(ask(s).goroutines, first.goroutines + N);
	long held = descriptors(s);
	printf("%d connections, idle: %ld bytes each in the server\n", N, (memory(s) - mem) / N);

	chan_close(w.gate);
	garn_waitgroup_wait(&w.down);
	int64_t end = t_now() + patience;
	while (c = ask(s), c.goroutines > first.goroutines) {
		CHECK(t_now() < end); // else some of the server's connections never end
		garn_sleep(GARN_MS(20));
	}
	CHECK_EQ(descriptors(s), held - N);
	CHECK_EQ(c.begun - first.begun, N);
	CHECK_EQ(c.whole - first.whole, w.ends[WHOLE] + w.ends[HALF]);
	CHECK_EQ(c.broken - first.broken, w.ends[RESET]);
	printf("%ld bytes came back right; %ld closed, %ld half-closed, %ld reset; %ld KB more than before stay with the server\n",
	       w.bytes, w.ends[WHOLE], w.ends[HALF], w.ends[RESET], (memory(s) - mem) / 1024);
	chan_unref(w.gate);
	return memory(s);
}

int main(int argc, char **argv)
{
	struct rlimit files;
	(void)argv;
	if (argc > 1)
		return serve();
	OK(getrlimit(RLIMIT_NOFILE, &files));
	files.rlim_cur = files.rlim_max;
	OK(setrlimit(RLIMIT_NOFILE, &files));
	if (files.rlim_cur < N + SPARE)
		SKIP("this takes 10,200 descriptors in each process, and the hard limit is lower: as root, ulimit -n 20000, or nofile in "
		     "/etc/security/limits.conf");
	t_seed();
	struct server s = start();
	long once = wave(&s, 1), twice = wave(&s, 2);
	CHECK(T_SCALE > 1 || twice < once + once / 10); // of the other flavours the sanitizer would be measured
	int status;
	OK(close(s.control));
	CHECK_EQ(garn_waitpid(s.pid, &status, 0), s.pid);
	CHECK_EQ(t_status(status), 0);
	return 0;
}
