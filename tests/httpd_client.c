// The clients of tests/e_httpd.sh and tests/l_httpd.sh, for examples/httpd.c; plain blocking sockets, no garn.
//
//   httpd_client cases SERVER FOLDER     starts SERVER for each group of cases; FOLDER is filled for it
//   httpd_client mob PORT SECONDS        processes that ask for things and are killed at random
#define _GNU_SOURCE
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { BIG = 5 << 20, BODY_MAX = 1 << 20, HANGS = 50 /* s without an answer */ };

static const char *server_path, *folder;
static pid_t server;
static int port;

// ---- The server -------------------------------------------------------------------------------------

// With patience and room for so many connections; and at most nofile descriptors, if that is not 0.
static void start(const char *patience, const char *most, rlim_t nofile)
{
	int out[2];
	char line[128] = "";
	CHECK(pipe(out) == 0);
	server = fork();
	CHECK(server >= 0);
	if (server == 0) {
		struct rlimit limit = { nofile, nofile };
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], 1);
		close(out[0]);
		close(out[1]);
		if (nofile > 0)
			setrlimit(RLIMIT_NOFILE, &limit);
		execl(server_path, server_path, "0", folder, patience, most, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	FILE *f = fdopen(out[0], "r");
	CHECK(f != NULL && fgets(line, sizeof line, f) != NULL);
	CHECK_EQ(sscanf(line, "httpd: port %d", &port), 1);
	fclose(f);
}

static void end(int sig, int want)
{
	int status;
	if (sig != 0)
		CHECK(kill(server, sig) == 0);
	CHECK_EQ(waitpid(server, &status, 0), server);
	if (sig == SIGKILL)
		return;
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), want);
}

// ---- A client ---------------------------------------------------------------------------------------

static int try_dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval hangs = { HANGS, 0 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &hangs, sizeof hangs);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &hangs, sizeof hangs);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	int err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int dial(void)
{
	int fd = try_dial();
	CHECK(fd >= 0);
	return fd;
}

// Ends a connection as the death of its process may: with a reset.
static void cut(int fd)
{
	struct linger now = { 1, 0 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

static void say_n(int fd, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, s, n, MSG_NOSIGNAL);
		if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
			return; // the server has made up its mind; its answer can be read
		CHECK(sent > 0);
		s += sent, n -= (size_t)sent;
	}
}

static void say(int fd, const char *s) { say_n(fd, s, strlen(s)); }

struct reply {
	int status;
	long length;
	char header[4096], body[256]; // body: its beginning
	uint64_t sum;                 // of the whole body
};

static uint64_t add_to_sum(uint64_t sum, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + (unsigned char)s[i];
	return sum;
}

// The next answer; its body is not read if bodiless. False at the end of the connection.
static bool hear_one(int fd, struct reply *r, bool bodiless)
{
	static char buf[65536];
	size_t n = 0;
	memset(r, 0, sizeof *r);
	while (n < 4 || memcmp(r->header + n - 4, "\r\n\r\n", 4) != 0) {
		ssize_t got = recv(fd, r->header + n, 1, 0);
		if (got == 0 && n == 0)
			return false;
		CHECK_EQ(got, 1);
		CHECK(++n < sizeof r->header);
	}
	CHECK_EQ(sscanf(r->header, "HTTP/1.1 %d ", &r->status), 1);
	const char *length = strstr(r->header, "\r\nContent-Length: ");
	r->length = length != NULL ? atol(length + 18) : 0;
	CHECK(length != NULL || r->status == 100);
	for (long left = bodiless || r->status == 304 ? 0 : r->length, at = 0; left > 0;) {
		ssize_t got = recv(fd, buf, left < (long)sizeof buf ? (size_t)left : sizeof buf, 0);
		CHECK(got > 0);
		for (long i = 0; i < got && at < (long)sizeof r->body - 1; i++)
			r->body[at++] = buf[i];
		r->sum = add_to_sum(r->sum, buf, (size_t)got);
		left -= got;
	}
	return true;
}

static struct reply hear(int fd, int status)
{
	struct reply r;
	CHECK(hear_one(fd, &r, false));
	if (r.status != status)
		fprintf(stderr, "not %d but %s%s\n", status, r.header, r.body);
	CHECK_EQ(r.status, status);
	return r;
}

static void hear_end(int fd)
{
	char c;
	CHECK_EQ(recv(fd, &c, 1, 0), 0);
	close(fd);
}

static bool silent(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	return poll(&p, 1, ms) == 0;
}

#define H " HTTP/1.1\r\nHost: h\r\n"
#define HELLO "GET /hello" H "\r\n"

static void alive(void)
{
	int fd = dial();
	say(fd, HELLO);
	CHECK_STR(hear(fd, 200).body, "Hello, world!\n");
	close(fd);
}

// ---- The folder -------------------------------------------------------------------------------------

static char big[BIG];

static int make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0);
	return fd;
}

static void make_text(const char *name, const char *text)
{
	int fd = make(name);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void make_folder(void)
{
	struct t_rng rng = t_rng(t_seed(), 0);
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)t_rand(&rng);
	CHECK(mkdir(folder, 0755) == 0);
	make_text("secret", "secret");
	CHECK(chdir(folder) == 0);
	CHECK(mkdir("sub", 0755) == 0 && mkdir("bare", 0755) == 0);
	make_text("index.html", "<p>index\n");
	make_text("sub/index.html", "<p>sub\n");
	make_text("a b.txt", "blank\n");
	make_text("style.CSS", "p {}\n");
	make_text("empty", "");
	CHECK(symlink("../secret", "out") == 0 && symlink("/etc/passwd", "far") == 0);
	CHECK(symlink("../a b.txt", "sub/in") == 0 && symlink("loop", "loop") == 0);
	CHECK(mkfifo("fifo", 0644) == 0);
	int fd = make("big");
	CHECK_EQ(write(fd, big, sizeof big), sizeof big);
	close(fd);
	fd = make("endless"); // sparse
	CHECK(ftruncate(fd, 1L << 40) == 0);
	close(fd);
	CHECK(chdir("..") == 0);
}

// ---- The cases --------------------------------------------------------------------------------------

static const struct {
	const char *request;
	int status;
	bool goes_on;
} one_answer[] = {
	{ HELLO, 200, true },
	{ "\r\n\n" HELLO, 200, true },
	{ "GET http://h/hello?a=b#c" H "\r\n", 200, true },
	{ "GET /hello HTTP/1.0\r\n\r\n", 200, false },
	{ "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, true },
	{ "GET /hello" H "Connection: close\r\n\r\n", 200, false },
	{ "GET /hello" H "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n", 200, true },
	{ "GET /hello" H "Content-Length: 5\r\n\r\n12345", 200, true },
	{ "GET /hello" H "Empty:\r\nSpaces: \r\n\r\n", 200, true },
	{ "GET /" H "\r\n", 200, true },
	{ "GET /sub" H "\r\n", 200, true },
	{ "GET /sub/" H "\r\n", 200, true },
	{ "GET //sub/../index.html" H "\r\n", 200, true },
	{ "GET /sub/in" H "\r\n", 200, true },
	{ "GET /empty" H "\r\n", 200, true },
	{ "GET /a%20b%2etxt" H "\r\n", 200, true },
	// malformed
	{ "\x16\x03\x01\x02\x03", 400, false },
	{ "G\1T / HTTP/1.1\r\n\r\n", 400, false },
	{ "GET  HTTP/1.1\r\n\r\n", 400, false },
	{ "GET hello" H "\r\n", 400, false },
	{ "GET / HTTP/one\r\n\r\n", 400, false },
	{ "GET / FTP/1.1\r\n\r\n", 400, false },
	{ "GET / HTTP/1.1\r\n\r\n", 400, false },                         // no Host
	{ "GET /" H "Host: i\r\n\r\n", 400, false },                      // two of them
	{ "GET /" H "A: b\r\n c\r\n\r\n", 400, false },                   // a folded line
	{ "GET /" H "A b: c\r\n\r\n", 400, false },
	{ "GET /" H "Content-Length: x\r\n\r\n", 400, false },
	{ "GET /" H "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, false },
	{ "GET /" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, false },
	{ "GET /" H "Transfer-Encoding: gzip\r\n\r\n", 400, false },
	{ "GET /" H "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400, false },
	{ "GET /%zz" H "\r\n", 400, true },
	{ "GET /%+1" H "\r\n", 400, true },
	{ "GET /%2" H "\r\n", 400, true },
	{ "GET /hello%00" H "\r\n", 400, true },
	// not there, or not for us
	{ "GET /missing" H "\r\n", 404, true },
	{ "GET /bare" H "\r\n", 404, true },
	{ "GET /fifo" H "\r\n", 404, true },
	{ "GET /loop" H "\r\n", 404, true },
	{ "GET /empty/x" H "\r\n", 404, true },
	{ "GET /out" H "\r\n", 404, true },
	{ "GET /far" H "\r\n", 404, true },
	{ "GET /../secret" H "\r\n", 404, true },
	{ "GET /%2e%2e/secret" H "\r\n", 404, true },
	{ "GET /sub/%2E./.%2e%2fsecret" H "\r\n", 404, true },
	{ "GET //etc/passwd" H "\r\n", 404, true },
	{ "GET /%2fetc/passwd" H "\r\n", 404, true },
	// methods and versions
	{ "POST /hello" H "Content-Length: 3\r\n\r\nabc", 405, true },
	{ "PUT /x" H "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n", 405, true },
	{ "CONNECT h:80" H "\r\n", 405, true },
	{ "OPTIONS *" H "\r\n", 405, true },
	{ "BREW /" H "\r\n", 501, false },
	{ "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505, false },
	{ "GET /\r\n\r\n", 505, false }, // HTTP/0.9
	// too large
	{ "POST /" H "Content-Length: 1048577\r\n\r\n", 413, false },
	{ "POST /" H "Content-Length: 99999999999999999999999\r\n\r\n", 400, false },
};

// Each request alone, with another behind it if the connection goes on, and cut at a place of its own.
static void statuses(void)
{
	for (size_t i = 0; i < sizeof one_answer / sizeof one_answer[0]; i++) {
		const char *request = one_answer[i].request;
		size_t n = strlen(request), first = 1 + i % n;
		int fd = dial();
		say_n(fd, request, first);
		say_n(fd, request + first, n - first);
		struct reply r;
		CHECK(hear_one(fd, &r, false));
		if (r.status != one_answer[i].status)
			fprintf(stderr, "%s\ngot %s", request, r.header);
		CHECK_EQ(r.status, one_answer[i].status);
		CHECK_EQ(strstr(r.header, "\r\nConnection: close\r\n") == NULL, one_answer[i].goes_on);
		if (!one_answer[i].goes_on) {
			hear_end(fd);
			continue;
		}
		say(fd, HELLO);
		CHECK_STR(hear(fd, 200).body, "Hello, world!\n");
		close(fd);
	}
}

// What is more than the limits. What comes behind may still be on its way when the answer comes.
static void too_large(void)
{
	static char lots[2 * BODY_MAX];
	size_t n;
	memset(lots, 'a', sizeof lots);
	int fd = dial();
	say(fd, "GET /hello" H "A: ");
	say_n(fd, lots, 10000);
	hear(fd, 431);
	hear_end(fd);
	fd = dial();
	say(fd, "GET /");
	say_n(fd, lots, 10000);
	hear(fd, 414);
	hear_end(fd);
	fd = dial();
	say(fd, "POST /" H "Transfer-Encoding: chunked\r\n\r\n200000\r\n");
	say_n(fd, lots, sizeof lots);
	hear(fd, 413);
	hear_end(fd);
	fd = dial();
	say(fd, "POST /" H "Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: ");
	say_n(fd, lots, 100000);
	hear(fd, 431);
	hear_end(fd);
	fd = dial(); // together with the end of a body
	say(fd, "POST /" H "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n");
	hear(fd, 100); // so the header has been read
	n = (size_t)sprintf(lots, "zGET /");
	memset(lots + n, 'a', 12000);
	n += 12000;
	n += (size_t)sprintf(lots + n, H "\r\n");
	say_n(fd, lots, n);
	hear(fd, 405);
	hear(fd, 431);
	hear_end(fd);
	memset(lots, 'a', n + 1);
	fd = dial(); // just not
	say(fd, "POST /" H "Content-Length: 1048576\r\n\r\n");
	say_n(fd, lots, BODY_MAX);
	say(fd, HELLO);
	hear(fd, 405);
	hear(fd, 200);
	close(fd);
}

static void hear_pipelined(int fd)
{
	struct reply r;
	CHECK_STR(hear(fd, 200).body, "Hello, world!\n");
	CHECK_STR(hear(fd, 405).body, "405 Method Not Allowed\n");
	CHECK_STR(hear(fd, 404).body, "404 Not Found\n");
	CHECK(hear_one(fd, &r, true));
	CHECK_EQ(r.length, strlen("<p>index\n"));
	CHECK_STR(hear(fd, 200).body, "<p>sub\n");
	CHECK(hear_one(fd, &r, true));
	CHECK_EQ(r.status, 404);
	hear(fd, 405);
	hear(fd, 200);
	hear_end(fd);
}

// Answers come in the order of requests, however these were cut; nothing is answered behind a close.
static void pipelined(void)
{
	static const char all[] = HELLO "POST /x" H "Content-Length: 10\r\n\r\nGET / HTTP"
	                          "GET /missing" H "\r\n" "HEAD /" H "\r\n" "GET /sub" H "\r\n" "HEAD /missing" H "\r\n"
	                          "PUT /" H "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n1\r\n\n\r\n0\r\nTrailer: t\r\n\r\n"
	                          "GET /" H "Connection: close\r\n\r\n" HELLO;
	int fd = dial();
	say(fd, all);
	hear_pipelined(fd);
	fd = dial();
	for (const char *s = all; *s != 0; s++) {
		say_n(fd, s, 1);
		usleep(100);
	}
	hear_pipelined(fd);
	// More than the buffer holds: the reader waits for the answers' reader.
	fd = dial();
	pid_t pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 2000; i++)
			say(fd, i % 2 == 0 ? HELLO : "GET /style.CSS" H "\r\n");
		_exit(0);
	}
	for (int i = 0; i < 2000; i++)
		CHECK_STR(hear(fd, 200).body, i % 2 == 0 ? "Hello, world!\n" : "p {}\n");
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	close(fd);
}

static void files(void)
{
	char request[256], date[64];
	int fd = dial();
	say(fd, "GET /big" H "\r\nHEAD /big" H "\r\nGET /big" H "\r\n");
	struct reply r = hear(fd, 200);
	CHECK_EQ(r.length, BIG);
	CHECK_EQ(r.sum, add_to_sum(0, big, sizeof big));
	CHECK(strstr(r.header, "Content-Type: application/octet-stream\r\n") != NULL);
	CHECK_EQ(sscanf(strstr(r.header, "Last-Modified: "), "Last-Modified: %63[^\r]", date), 1);
	CHECK(hear_one(fd, &r, true));
	CHECK_EQ(r.length, BIG);
	CHECK_EQ(hear(fd, 200).sum, add_to_sum(0, big, sizeof big));
	snprintf(request, sizeof request, "GET /big" H "If-Modified-Since: %s\r\n\r\n", date);
	say(fd, request);
	hear(fd, 304);
	say(fd, "GET /empty" H "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\n");
	hear(fd, 200);
	say(fd, "GET /empty" H "If-Modified-Since: soon\r\n\r\n");
	hear(fd, 200);
	say(fd, "GET /style.CSS" H "\r\nGET /" H "\r\n");
	CHECK(strstr(hear(fd, 200).header, "Content-Type: text/css\r\n") != NULL);
	CHECK(strstr(hear(fd, 200).header, "Content-Type: text/html; charset=utf-8\r\n") != NULL);
	say(fd, "DELETE /" H "\r\n");
	CHECK(strstr(hear(fd, 405).header, "Allow: GET, HEAD\r\n") != NULL);
	close(fd);
}

static void half_closed(void)
{
	int fd = dial();
	say(fd, HELLO "GET /sub" H "\r\n");
	shutdown(fd, SHUT_WR);
	CHECK_STR(hear(fd, 200).body, "Hello, world!\n");
	CHECK_STR(hear(fd, 200).body, "<p>sub\n");
	hear_end(fd);
	fd = dial();
	say(fd, "GET /hel");
	shutdown(fd, SHUT_WR);
	hear(fd, 400);
	hear_end(fd);
	fd = dial();
	shutdown(fd, SHUT_WR);
	hear_end(fd);
}

static void expects(void)
{
	int fd = dial();
	say(fd, "POST /" H "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	hear(fd, 100);
	say(fd, "ab" HELLO);
	hear(fd, 405);
	hear(fd, 200);
	close(fd);
}

// A server with a second of patience: each header and each answer has its own, however long the connection was idle before.
static void own_time(void)
{
	int fd = dial();
	struct reply r;
	int64_t began = t_now();
	say(fd, HELLO);
	hear(fd, 200);
	usleep(700000);
	say(fd, "POST /");
	int64_t asked = t_now();
	usleep(500000);
	say(fd, H "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	bool answered = hear_one(fd, &r, false);
	if (asked - began < 950000000 && t_now() - asked < 950000000) // else we have tried its patience ourselves
		CHECK(answered && r.status == 100);
	close(fd);
}

static void garbage(void)
{
	struct t_rng rng = t_rng(t_seed(), 1);
	for (int i = 0; i < 200; i++) {
		char s[600];
		size_t n = 1 + t_below(&rng, sizeof s - 1), keep = t_below(&rng, 40);
		strcpy(s, "GET /hello" H "A: bcdefghijkl\r\n\r\n");
		for (size_t k = t_below(&rng, 2) ? keep : 0; k < n; k++)
			s[k] = (char)t_rand(&rng);
		int fd = dial();
		say_n(fd, s, n);
		shutdown(fd, SHUT_WR);
		struct reply r;
		if (hear_one(fd, &r, false)) // not, if it is nothing but line ends
			CHECK(r.status == 400 || r.status == 501 || r.status == 505 || r.status == 200);
		close(fd);
	}
}

// Clients that go in the middle of everything must leave their places behind: there are four.
static void killed(void)
{
	static const char *const asked[] = { "GET /endless" H "\r\n", "GET /hel", "", HELLO, "POST /" H "Content-Length: 9\r\n\r\n123" };
	char some[1000];
	for (int i = 0; i < 100; i++) {
		int fd = dial();
		say(fd, asked[i % 5]);
		if (i % 5 == 0)
			CHECK(recv(fd, some, sizeof some, 0) > 0);
		if (i % 2 == 0)
			cut(fd);
		else
			close(fd);
	}
	int fd[4];
	for (int i = 0; i < 4; i++) {
		fd[i] = dial();
		say(fd[i], HELLO);
		hear(fd[i], 200);
	}
	int fifth = dial();
	say(fifth, HELLO);
	CHECK(silent(fifth, 50));
	close(fd[2]);
	hear(fifth, 200);
}

// A table of descriptors that is full: clients wait, files are refused, and everybody is served as others leave.
static void few_descriptors(void)
{
	enum { N = 60 };
	int fd[N];
	for (int i = 0; i < N; i++) {
		fd[i] = dial();
		say(fd[i], HELLO);
	}
	hear(fd[0], 200);
	for (struct reply r = { 0 }; r.status != 503;) { // the last descriptor may not have been taken yet
		say(fd[0], "GET /empty" H "\r\n");
		CHECK(hear_one(fd[0], &r, false));
		CHECK(r.status == 200 || r.status == 503);
	}
	CHECK(silent(fd[N - 1], 0));
	for (int i = 0; i < N; i++) {
		if (i > 0)
			CHECK_STR(hear(fd[i], 200).body, "Hello, world!\n");
		close(fd[i]);
	}
	fd[0] = dial();
	for (int i = 0; i < 100; i++) { // none is lost with a file
		say(fd[0], "GET /empty" H "\r\n");
		hear(fd[0], 200);
	}
	close(fd[0]);
}

// Says it to an impatient server, which is to answer 408 and to close. Who is late himself tries again.
static void too_slow(const char *request, bool drips)
{
	struct reply r;
	for (bool answered = false; !answered;) {
		int fd = dial();
		say(fd, request);
		while (drips && silent(fd, 20))
			say(fd, "x"); // something comes all the time, but never the end
		answered = hear_one(fd, &r, false);
		if (answered)
			CHECK_EQ(r.status, 408);
		if (answered && !drips)
			hear_end(fd);
		else
			close(fd);
	}
}

static void impatient(void)
{
	struct reply r;
	too_slow("GET / HTTP/1.1\r\nHo", false);
	too_slow("GET /", true);
	too_slow("POST /" H "Content-Length: 10\r\n\r\n123", false);
	hear_end(dial());
	for (bool answered = false; !answered;) {
		int fd = dial();
		say(fd, HELLO);
		answered = hear_one(fd, &r, false);
		hear_end(fd);
	}
}

// Who does not take his answer loses the only place, and with it the connection.
static void slow_reader(void)
{
	int fd = dial();
	say(fd, "GET /endless" H "\r\n");
	CHECK(!silent(fd, HANGS * 1000));
	alive();
	close(fd);
}

// Two idle connections, a request whose body is to come, a large answer under way.
struct under_way {
	int idle, asks, post, get;
};

static struct under_way begin(void)
{
	struct under_way u = { dial(), dial(), dial(), dial() };
	say(u.idle, HELLO);
	hear(u.idle, 200);
	say(u.asks, HELLO);
	hear(u.asks, 200);
	say(u.post, "POST /" H "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	hear(u.post, 100);
	say(u.get, "GET /big" H "\r\n");
	CHECK(!silent(u.get, HANGS * 1000));
	return u;
}

static void drain(int sig)
{
	struct under_way u = begin();
	CHECK(kill(server, SIGSTOP) == 0); // so that it learns of both at once
	say(u.asks, HELLO);
	CHECK(kill(server, sig) == 0 && kill(server, SIGCONT) == 0);
	hear_end(u.idle);
	hear(u.asks, 200);
	hear_end(u.asks);
	int fd = try_dial();
	CHECK(fd < 0 && errno == ECONNREFUSED);
	say(u.post, "ab");
	CHECK(strstr(hear(u.post, 405).header, "Connection: close") != NULL);
	hear_end(u.post);
	CHECK_EQ(hear(u.get, 200).sum, add_to_sum(0, big, sizeof big));
	CHECK(kill(server, 0) == 0);
	hear_end(u.get);
	end(0, 0);
}

static void second_signal(void)
{
	struct under_way u = begin();
	CHECK(kill(server, SIGTERM) == 0);
	hear_end(u.idle);
	end(SIGINT, 1);
	close(u.asks);
	close(u.post);
	close(u.get);
}

// An answer that goes on for longer than the server has patience.
static void drain_limit(void)
{
	static char buf[65536];
	int fd = dial();
	say(fd, "GET /endless" H "\r\n");
	CHECK(recv(fd, buf, sizeof buf, 0) > 0);
	CHECK(kill(server, SIGTERM) == 0);
	int64_t then = t_now(), longest = 0;
	while (recv(fd, buf, sizeof buf, 0) > 0) {
		usleep(100);
		int64_t now = t_now();
		longest = now - then > longest ? now - then : longest;
		then = now;
	}
	if (longest < 500000000) // else we may have tried its patience ourselves
		end(0, 1);
	else
		end(SIGKILL, 0);
	close(fd);
}

static void cases(void)
{
	start("60", "100", 0);
	statuses();
	too_large();
	pipelined();
	files();
	half_closed();
	expects();
	garbage();
	alive();
	drain(SIGTERM);
	start("60", "4", 0);
	killed();
	end(SIGINT, 0);
	start("60", "1000", 24);
	few_descriptors();
	drain(SIGINT);
	start("0.2", "100", 0);
	impatient();
	end(SIGKILL, 0);
	start("0.2", "1", 0);
	slow_reader();
	end(SIGKILL, 0);
	start("60", "100", 0);
	second_signal();
	start("1", "100", 0);
	own_time();
	drain_limit();
}

// ---- The mob ----------------------------------------------------------------------------------------

// Asks for things and dies. The parent may be quicker.
static void one_of_the_mob(uint64_t seed)
{
	struct t_rng rng = t_rng(seed, 0);
	static char buf[65536];
	for (;;) {
		int fd = try_dial();
		if (fd < 0) {
			usleep(1000); // the server has no descriptor, or has gone
			continue;
		}
		static const char *const what[] = { HELLO, HELLO HELLO HELLO, "GET /big" H "\r\n", "GET /he", "HEAD /" H "\r\n", "\1\2\3",
		                                    "POST /" H "Content-Length: 100\r\n\r\n12" };
		const char *s = what[t_below(&rng, sizeof what / sizeof what[0])];
		say(fd, s);
		if (t_below(&rng, 2) == 0)
			(void)!recv(fd, buf, 1 + t_below(&rng, sizeof buf - 1), MSG_DONTWAIT);
		usleep((useconds_t)t_below(&rng, 3000));
		if (t_below(&rng, 2) == 0)
			cut(fd);
		else
			close(fd);
	}
}

static void mob(double seconds)
{
	enum { N = 8 };
	pid_t pid[N] = { 0 };
	struct t_rng rng = t_rng(t_seed(), 2);
	long killings = 0;
	for (int64_t until = t_now() + (int64_t)(seconds * 1e9); t_now() < until; killings++) {
		pid_t *p = &pid[t_below(&rng, N)];
		uint64_t seed = t_rand(&rng);
		if (*p > 0) {
			kill(*p, SIGKILL);
			waitpid(*p, NULL, 0);
		}
		*p = fork();
		CHECK(*p >= 0);
		if (*p == 0)
			one_of_the_mob(seed);
		usleep((useconds_t)t_below(&rng, 20000));
	}
	for (int i = 0; i < N; i++)
		if (pid[i] > 0)
			kill(pid[i], SIGKILL);
	printf("%ld clients killed\n", killings);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 4 && strcmp(argv[1], "mob") == 0) {
		port = atoi(argv[2]);
		mob(atof(argv[3]));
		return 0;
	}
	CHECK(argc == 4 && strcmp(argv[1], "cases") == 0);
	server_path = argv[2];
	folder = argv[3];
	make_folder();
	cases();
	return 0;
}
