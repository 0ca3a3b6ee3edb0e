// A web server: the files of a folder, and /hello, over HTTP/1.1.
//
//   ./garn run examples/httpd.c -lhttp_parser -- 8080 FOLDER      then: curl -i localhost:8080/hello
//   ... -- PORT FOLDER [SECONDS [CONNECTIONS]]                    with :PORT or HOST:PORT others may come, too
//
// It needs http_parser (Debian: libhttp-parser-dev). A parser of one's own is where web servers get their holes; this one is given
// whatever came, calls back, and does not care how requests were cut into pieces.
//
// One goroutine a connection, written as if it had the machine to itself: it reads a request, answers, reads the next.
// Requests may be pipelined; their bodies are read and dropped. A folder is its index.html.
//
// What to look at:
// - SECONDS (10) is all the patience there is: for a first byte, a header, a body, each piece of an answer. It is set with
//   garn_set_deadline, and no other bookkeeping is needed against clients that are slow, silent or gone.
// - The places for connections (1000) are on a channel. Who accepts takes one first, so their number is limited; and at the end
//   all are back.
// - SIGTERM and SIGINT are values on channels. The first one ends idle connections and lets running requests finish, for SECONDS
//   at most (exit status 1 if some did not); the second one ends at once.
// - The files are opened by openat2, which is no call of garn's and need not be: any C code may run in a goroutine.
#define _GNU_SOURCE
#include <garn.h>
#include <http_parser.h> // if it is missing: apt-get install libhttp-parser-dev

#include <ctype.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { HEADER_MAX = 8 << 10, BODY_MAX = 1 << 20, PIECE = 32 << 10, GONE = -1 };

// A stretch of the connection's buffer.
struct text {
	const char *at;
	size_t len;
};

struct request {
	struct text url, since;   // since: If-Modified-Since
	struct text name, value;  // the header field the parser is at
	int hosts;                // Host fields
	bool expects, head, body; // head: the answer has no body; body: the parser is behind the header
	uint64_t dropped;         // of the request's body
};

struct conn {
	int fd;
	bool keep; // the connection, after this answer
	http_parser parser;
	struct request req;
	garn_mutex mu;
	bool idle;      // waits for a request; under mu
	size_t at, len; // in is parsed up to at, and read up to len
	char in[HEADER_MAX + 8192];
};

static int root;
static int64_t patience = GARN_S(10);
static chan(struct conn *) places;
static atomic_bool draining;

static void set_deadline(struct conn *c, int which)
{
	garn_set_deadline(c->fd, which, garn_now() + patience);
}

// All of it, in time; else the connection is of no more use.
static bool send_all(struct conn *c, const void *buf, size_t n, int flags)
{
	set_deadline(c, GARN_WRITE);
	return garn_send(c->fd, buf, n, flags) == (ssize_t)n;
}

// ---- Reading a request ------------------------------------------------------------------------------

static bool is(struct text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

// A header stays in the buffer in one piece, so the pieces of a text that the parser hands out follow one another. A value
// that goes on on the next line does not; nobody may send that any more, and it is refused.
static int append(struct text *t, const char *at, size_t n)
{
	if (t->at == NULL)
		t->at = at;
	bool follows = t->at + t->len == at;
	t->len += n;
	return follows ? 0 : -1;
}

static void end_field(struct request *r)
{
	if (is(r->name, "host"))
		r->hosts++;
	else if (is(r->name, "expect"))
		r->expects = is(r->value, "100-continue");
	else if (is(r->name, "if-modified-since"))
		r->since = r->value;
	r->name = r->value = (struct text){ 0 };
}

static struct request *request_of(http_parser *p)
{
	return &((struct conn *)p->data)->req;
}

static int on_url(http_parser *p, const char *at, size_t n)
{
	return append(&request_of(p)->url, at, n);
}

static int on_field(http_parser *p, const char *at, size_t n)
{
	struct request *r = request_of(p);
	if (r->body)
		return 0; // a trailer
	if (memchr(at, ' ', n) != NULL)
		return -1; // a parser built without HTTP_PARSER_STRICT lets it pass
	if (r->value.at != NULL)
		end_field(r);
	return append(&r->name, at, n);
}

static int on_value(http_parser *p, const char *at, size_t n)
{
	struct request *r = request_of(p);
	return r->body ? 0 : append(&r->value, at, n);
}

static int on_body(http_parser *p, const char *at, size_t n)
{
	struct request *r = request_of(p);
	(void)at;
	r->dropped += n;
	return r->dropped > BODY_MAX;
}

// The end of the header, or of the whole request.
static int on_complete(http_parser *p)
{
	http_parser_pause(p, 1);
	return 0;
}

static const http_parser_settings callbacks = {
	.on_url = on_url,
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_headers_complete = on_complete,
	.on_body = on_body,
	.on_message_complete = on_complete,
};

// What is wrong, as a status; the parser gave up at the byte at c->at.
static int parse_error(const struct conn *c)
{
	switch (HTTP_PARSER_ERRNO(&c->parser)) {
	case HPE_CB_body: return 413;
	case HPE_HEADER_OVERFLOW: return 431; // a trailer
	case HPE_INVALID_METHOD: return isalpha((unsigned char)c->in[c->at]) ? 501 : 400;
	default: return 400;
	}
}

// Reads until the parser stops, using the buffer from base to limit: 0, or the status of a request that cannot be answered, or GONE.
static int read_part(struct conn *c, size_t base, size_t limit)
{
	set_deadline(c, GARN_READ);
	http_parser_pause(&c->parser, 0);
	for (;;) {
		c->at += http_parser_execute(&c->parser, &callbacks, c->in + c->at, c->len - c->at);
		if (HTTP_PARSER_ERRNO(&c->parser) == HPE_PAUSED)
			return 0;
		if (HTTP_PARSER_ERRNO(&c->parser) != HPE_OK)
			return parse_error(c);
		if (base > 0)
			c->at = c->len = base; // a body is not kept
		if (c->len >= limit)
			return memchr(c->in, '\n', c->len) != NULL ? 431 : 414;
		ssize_t n = garn_read(c->fd, c->in + c->len, limit - c->len);
		if (n <= 0)
			return n == 0 ? 400 : errno == ETIMEDOUT ? 408 : GONE;
		c->len += (size_t)n;
	}
}

// False if nothing comes: the client has gone or is silent for too long, or the server is to end. What has come by then counts.
static bool wait_for_request(struct conn *c)
{
	garn_mutex_lock(&c->mu);
	c->idle = true;
	garn_set_deadline(c->fd, GARN_READ, draining ? 1 : garn_now() + patience); // 1: long ago
	garn_mutex_unlock(&c->mu);
	ssize_t n = garn_read(c->fd, c->in, HEADER_MAX);
	if (n < 0 && errno == ETIMEDOUT)
		n = garn_recv(c->fd, c->in, HEADER_MAX, MSG_DONTWAIT);
	garn_mutex_lock(&c->mu);
	c->idle = false;
	garn_mutex_unlock(&c->mu);
	c->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

// A whole request: 0, with the header at the beginning of the buffer. Else as read_part.
static int read_request(struct conn *c)
{
	http_parser *p = &c->parser;
	c->len -= c->at;
	memmove(c->in, c->in + c->at, c->len);
	c->at = 0;
	c->req = (struct request){ 0 };
	if (c->len == 0 && !wait_for_request(c))
		return GONE;
	int status = read_part(c, 0, HEADER_MAX);
	if (status != 0)
		return status;
	if (c->at >= HEADER_MAX) // there may be more in the buffer, when it has come behind a body
		return 431;
	end_field(&c->req);
	c->req.body = true;
	c->req.head = p->method == HTTP_HEAD;
	c->keep = http_should_keep_alive(p);
	if (p->http_major != 1)
		return 505;
	if (c->req.hosts > 1 || (c->req.hosts == 0 && p->http_minor > 0))
		return 400;
	if (p->flags & F_CONTENTLENGTH && p->content_length > BODY_MAX)
		return 413;
	if (c->req.expects && !send_all(c, "HTTP/1.1 100 Continue\r\n\r\n", 25, 0))
		return GONE;
	return read_part(c, c->at + 1, sizeof c->in);
}

// ---- Answering --------------------------------------------------------------------------------------

static const char DATE[] = "%a, %d %b %Y %H:%M:%S GMT";

static const char *format_date(char *buf, size_t room, time_t when)
{
	struct tm tm;
	strftime(buf, room, DATE, gmtime_r(&when, &tm));
	return buf;
}

// -1 for what is no date.
static time_t parse_date(struct text t)
{
	char buf[32];
	struct tm tm = { 0 };
	snprintf(buf, sizeof buf, "%.*s", (int)t.len, t.len > 0 ? t.at : "");
	return strptime(buf, DATE, &tm) != NULL ? timegm(&tm) : -1;
}

static size_t format_header(char *buf, size_t room, const struct conn *c, int status, const char *type, intmax_t length, const char *more)
{
	char now[32];
	return (size_t)snprintf(buf, room,
	                        "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: %s\r\nContent-Type: %s\r\nContent-Length: %jd\r\n%s\r\n",
	                        status, http_status_str((enum http_status)status), format_date(now, sizeof now, time(NULL)),
	                        c->keep ? "keep-alive" : "close", type, length, more);
}

static bool answer_text(struct conn *c, int status, const char *text, const char *more)
{
	char out[1024];
	size_t n = format_header(out, sizeof out, c, status, "text/plain", (intmax_t)strlen(text), more);
	if (!c->req.head)
		n += (size_t)snprintf(out + n, sizeof out - n, "%s", text);
	return send_all(c, out, n, 0);
}

static bool answer_status(struct conn *c, int status)
{
	char text[64];
	snprintf(text, sizeof text, "%d %s\n", status, http_status_str((enum http_status)status));
	return answer_text(c, status, text, status == 405 ? "Allow: GET, HEAD\r\n" : "");
}

static const char *type_of(const char *path)
{
	static const char *const types[][2] = {
		{ "html", "text/html; charset=utf-8" }, { "txt", "text/plain; charset=utf-8" }, { "css", "text/css" },
		{ "js", "text/javascript" }, { "json", "application/json" }, { "svg", "image/svg+xml" }, { "png", "image/png" },
		{ "jpg", "image/jpeg" }, { "gif", "image/gif" }, { "ico", "image/x-icon" }, { "pdf", "application/pdf" },
	};
	const char *dot = strrchr(path, '.');
	for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
		if (strcasecmp(dot + 1, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

// The kernel sees to it that neither .. nor a symbolic link leads out of the folder. A FIFO must not be waited for.
static int open_below(int folder, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

static bool send_file(struct conn *c, int fd, off_t left)
{
	char buf[PIECE];
	while (left > 0) {
		ssize_t n = garn_read(fd, buf, left < PIECE ? (size_t)left : PIECE);
		if (n <= 0)
			return false; // it has become shorter, and its length has been announced
		left -= n;
		if (!send_all(c, buf, (size_t)n, left > 0 ? MSG_MORE : 0))
			return false;
	}
	return true;
}

static bool answer_open_file(struct conn *c, int fd, const struct stat *st, const char *type)
{
	char more[64], date[32], out[1024];
	if (!S_ISREG(st->st_mode))
		return answer_status(c, 404);
	snprintf(more, sizeof more, "Last-Modified: %s\r\n", format_date(date, sizeof date, st->st_mtime));
	int status = st->st_mtime <= parse_date(c->req.since) ? 304 : 200;
	off_t length = c->req.head || status == 304 ? 0 : st->st_size;
	size_t n = format_header(out, sizeof out, c, status, type, (intmax_t)st->st_size, more);
	return send_all(c, out, n, length > 0 ? MSG_MORE : 0) && send_file(c, fd, length);
}

// Of a folder, its index.html.
static bool answer_file(struct conn *c, int folder, const char *path)
{
	struct stat st;
	int fd = open_below(folder, path);
	if (fd < 0 || fstat(fd, &st) != 0)
		return answer_status(c, errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EAGAIN ? 503 : 404);
	bool sent = S_ISDIR(st.st_mode) && folder == root ? answer_file(c, fd, "index.html") : answer_open_file(c, fd, &st, type_of(path));
	garn_close(fd);
	return sent;
}

// The path of the URL, %XX resolved. False for what has no meaning.
static bool decode_path(char *out, size_t room, struct text url)
{
	struct http_parser_url u;
	http_parser_url_init(&u);
	if (http_parser_parse_url(url.at, url.len, 0, &u) != 0 || u.field_data[UF_PATH].len >= room)
		return false;
	const char *s = url.at + u.field_data[UF_PATH].off, *end = s + u.field_data[UF_PATH].len;
	for (; s < end; s++, out++) {
		char hex[3] = { 0 };
		*out = *s;
		if (*s != '%')
			continue;
		if (end - s < 3 || !isxdigit((unsigned char)s[1]) || !isxdigit((unsigned char)s[2]))
			return false;
		memcpy(hex, s + 1, 2);
		*out = (char)strtol(hex, NULL, 16);
		if (*out == 0)
			return false;
		s += 2;
	}
	*out = 0;
	return true;
}

static bool answer(struct conn *c)
{
	char path[HEADER_MAX];
	if (c->parser.method != HTTP_GET && c->parser.method != HTTP_HEAD)
		return answer_status(c, 405);
	if (!decode_path(path, sizeof path, c->req.url))
		return answer_status(c, 400);
	if (strcmp(path, "/hello") == 0)
		return answer_text(c, 200, "Hello, world!\n", "");
	const char *below = path + strspn(path, "/");
	return answer_file(c, root, *below != 0 ? below : ".");
}

// ---- Connections ------------------------------------------------------------------------------------

// Closed at once, with something unread, the kernel would send a reset, which may destroy the answer on its way.
static void linger(struct conn *c)
{
	shutdown(c->fd, SHUT_WR);
	garn_set_deadline(c->fd, GARN_READ, garn_now() + GARN_S(1));
	while (garn_read(c->fd, c->in, sizeof c->in) > 0)
		;
}

static void serve(struct conn *c)
{
	bool sent = true;
	c->at = c->len = 0;
	c->keep = true;
	c->parser.data = c;
	http_parser_init(&c->parser, HTTP_REQUEST);
	while (sent && c->keep) {
		int status = read_request(c);
		if (status == GONE)
			break;
		if (status != 0 || draining)
			c->keep = false;
		sent = status != 0 ? answer_status(c, status) : answer(c);
	}
	if (sent && !c->keep)
		linger(c);
	garn_close(c->fd);
	chan_send(places, c);
}

static void accept_all(int listener)
{
	for (;;) {
		struct conn *c = chan_recv(places);
		do
			c->fd = garn_accept(listener, NULL, NULL);
		while (c->fd < 0 && !draining); // without a free descriptor garn_accept takes its time
		if (c->fd < 0) {
			chan_send(places, c);
			return;
		}
		go(serve, c);
	}
}

// All connections to their end: the exit status.
static int drain(int listener, struct conn *conns, int n, chan(int) term, chan(int) intr)
{
	chan(int64_t) late = garn_after(patience);
	draining = true;
	garn_close(listener);
	for (int i = 0; i < n; i++) {
		garn_mutex_lock(&conns[i].mu);
		if (conns[i].idle)
			garn_set_deadline(conns[i].fd, GARN_READ, 1);
		garn_mutex_unlock(&conns[i].mu);
	}
	int left = n;
	while (left > 0 && chan_select(on_recv(places, NULL), on_recv(term, NULL), on_recv(intr, NULL), on_recv(late, NULL)) == 0)
		left--;
	chan_unref(late);
	if (left > 0)
		fprintf(stderr, "httpd: %d connections cut off\n", left - (int)chan_len(places));
	return left > 0;
}

static void die(const char *what)
{
	fprintf(stderr, "httpd: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_at(const char *address)
{
	char local[64];
	struct sockaddr_in6 bound; // IPv4's has its port at the same place
	socklen_t len = sizeof bound;
	snprintf(local, sizeof local, "127.0.0.1:%s", address);
	int fd = garn_listen("tcp", strchr(address, ':') != NULL ? address : local);
	if (fd < 0 || getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
		die(address);
	printf("httpd: port %d\n", ntohs(bound.sin6_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv)
{
	int n = argc > 4 ? atoi(argv[4]) : 1000;
	if (argc > 3)
		patience = (int64_t)(atof(argv[3]) * 1e9);
	if (argc < 3 || argc > 5 || n < 1 || patience <= 0) {
		fprintf(stderr, "usage: httpd PORT FOLDER [SECONDS [CONNECTIONS]]\n");
		return 2;
	}
	if (chdir(argv[2]) != 0 || (root = open_below(AT_FDCWD, ".")) < 0)
		die(argv[2]);
	struct conn *conns = calloc((size_t)n, sizeof *conns);
	if (conns == NULL)
		die("connections");
	places = chan_make(struct conn *, (size_t)n);
	for (int i = 0; i < n; i++)
		chan_send(places, &conns[i]);
	chan(int) term = garn_notify(SIGTERM), intr = garn_notify(SIGINT);
	if (term == NULL || intr == NULL)
		die("signals");
	int listener = listen_at(argv[1]);
	go(accept_all, listener);
	chan_select(on_recv(term, NULL), on_recv(intr, NULL));
	return drain(listener, conns, n, term, intr);
}
