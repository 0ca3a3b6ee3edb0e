// A chat server: what one types, all others read.
//
//   ./garn run examples/chat.c -- 7777         serves port 7777 until Ctrl-C; try it with several: nc localhost 7777
//   ./garn run examples/chat.c                 serves a free port, for a few clients of its own, and tells what they read
//
//   socket --> reader --events--> room --lines--> writer --> socket          a reader and a writer for each member
//
// One goroutine, the room, owns the list of members and all names, and does one thing after the other: no lock. Readers and
// writers wait for their sockets as long as it takes. The room never waits for anybody.
//
// What to look at: between the room and each writer is a channel with room for QUEUE lines, and the room only tries to send. Who
// does not read fills his own queue, and is thrown out then; the others notice nothing. Ctrl-C comes over a channel, too: no
// more is accepted, all are told, and what they are still to read is written before the process ends.
#include <garn.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 256, NAME = 20, QUEUE = 64 };

struct line {
	size_t len;
	char text[LINE]; // ends with \n
};

struct member {
	int fd;
	chan(struct line) lines; // what it is to read; closed when there will be no more
	garn_waitgroup users;    // the room and the writer: then the reader frees it
	// The room's:
	char name[NAME]; // empty at first
	bool out, late;  // lines is closed; its queue was full just now
	struct member *next;
};

struct event {
	enum { ENTER, SAY, LEAVE, QUIT } what;
	struct member *who;
	struct line line;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

// ---- The room -------------------------------------------------------------------------------------------

// A line of at most LINE - 1 bytes; what is too long is cut.
static struct line say(const char *format, ...)
{
	struct line l;
	va_list args;
	va_start(args, format);
	vsnprintf(l.text, LINE - 1, format, args);
	va_end(args);
	l.len = strlen(l.text);
	l.text[l.len++] = '\n';
	return l;
}

static void put_out(struct member *m)
{
	if (!m->out)
		chan_close(m->lines);
	m->out = true;
}

// For one member. Never waits.
static void tell(struct member *m, struct line l)
{
	if (!m->out && !chan_try_send(m->lines, l))
		m->late = true;
}

// For all members with a name but one. Those who are late are put out, of which the others are told as well.
static void tell_others(struct member *all, struct member *but, struct line l)
{
	struct member *late;
	do {
		late = NULL;
		for (struct member *m = all; m != NULL; m = m->next) {
			if (m != but && m->name[0] != '\0')
				tell(m, l);
			if (m->late && !m->out)
				late = m;
		}
		if (late != NULL) {
			put_out(late);
			shutdown(late->fd, SHUT_RDWR); // the writer waits no longer, and the reader comes to the end
			l = say("* %s does not listen, and is out", late->name);
			but = late;
		}
	} while (late != NULL);
}

static void said(struct member *all, struct member *m, struct line *l)
{
	struct member *other = all;
	l->text[--l->len] = '\0';
	if (m->out)
		return;
	if (m->name[0] != '\0') {
		tell_others(all, m, say("%s: %s", m->name, l->text));
		return;
	}
	while (other != NULL && strcmp(other->name, l->text) != 0)
		other = other->next;
	if (l->len == 0 || l->len >= NAME) {
		tell(m, say("* A name has 1 to %d bytes. Yours?", NAME - 1));
	} else if (other != NULL) {
		tell(m, say("* %s is here already. Another name?", l->text));
	} else {
		memcpy(m->name, l->text, l->len + 1);
		tell(m, say("* Welcome, %s", m->name));
		tell_others(all, m, say("* %s is here", m->name));
	}
}

static void room(chan(struct event) events)
{
	struct member *all = NULL, **at;
	struct event e;
	bool open = true;
	while (chan_recv_ok(events, &e)) {
		switch (e.what) {
		case ENTER:
			e.who->next = all;
			all = e.who;
			tell(e.who, say("* Your name?"));
			if (!open)
				put_out(e.who);
			break;
		case SAY:
			said(all, e.who, &e.line);
			break;
		case LEAVE:
			for (at = &all; *at != e.who; at = &(*at)->next)
				;
			*at = e.who->next;
			if (!e.who->out && e.who->name[0] != '\0')
				tell_others(all, NULL, say("* %s has left", e.who->name));
			put_out(e.who);
			garn_waitgroup_done(&e.who->users);
			break;
		case QUIT:
			open = false;
			tell_others(all, NULL, say("* Good night"));
			for (struct member *m = all; m != NULL; m = m->next)
				put_out(m);
			break;
		}
	}
}

// ---- The members ----------------------------------------------------------------------------------------

static void writer(struct member *m)
{
	struct line l;
	while (chan_recv_ok(m->lines, &l)) {
		garn_set_deadline(m->fd, GARN_WRITE, garn_now() + GARN_S(30));
		if (garn_write(m->fd, l.text, l.len) != (ssize_t)l.len)
			break;
	}
	shutdown(m->fd, SHUT_RDWR);
	garn_waitgroup_done(&m->users);
}

// Sends the lines that come; too long ones are cut in two.
static void read_lines(struct member *m, chan(struct event) events)
{
	struct event e = { .what = SAY, .who = m };
	char buf[1024];
	ssize_t n;
	while ((n = garn_read(m->fd, buf, sizeof buf)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			bool end = buf[i] == '\n';
			if (!end && buf[i] != '\r')
				e.line.text[e.line.len++] = (unsigned char)buf[i] < ' ' ? ' ' : buf[i];
			if (end || e.line.len == LINE - 2) {
				e.line.text[e.line.len++] = '\n';
				chan_send(events, e);
				e.line.len = 0;
			}
		}
	}
}

static void reader(int fd, chan(struct event) events, garn_waitgroup *sessions)
{
	struct member *m = calloc(1, sizeof *m);
	if (m == NULL)
		die("a new member");
	m->fd = fd;
	m->lines = chan_make(struct line, QUEUE);
	garn_waitgroup_add(&m->users, 2);
	chan_send(events, { .what = ENTER, .who = m });
	go(writer, m);
	read_lines(m, events);
	chan_send(events, { .what = LEAVE, .who = m });
	garn_waitgroup_wait(&m->users);
	garn_close(fd);
	chan_unref(m->lines);
	free(m);
	garn_waitgroup_done(sessions);
}

static void serve(int listener, chan(struct event) events, garn_waitgroup *sessions)
{
	for (;;) {
		int fd = garn_accept(listener, NULL, NULL);
		if (fd < 0 && (errno == ECANCELED || errno == EBADF)) // closed meanwhile, or before
			break;
		if (fd < 0)
			continue; // no descriptor left: garn_accept has waited a while
		garn_waitgroup_add(sessions, 1);
		go(reader, fd, events, sessions);
	}
	garn_waitgroup_done(sessions);
}

// ---- Clients of its own -----------------------------------------------------------------------------------

struct user {
	const char *name;
	int fd;
	size_t n, at;
	char buf[1024];
};

// The next line it reads, without the end of it.
static const char *next(struct user *u)
{
	static char line[LINE];
	size_t n = 0;
	garn_set_deadline(u->fd, GARN_READ, garn_now() + GARN_S(30));
	for (;;) {
		if (u->at == u->n) {
			ssize_t got = garn_read(u->fd, u->buf, sizeof u->buf);
			if (got <= 0)
				return got == 0 ? "(the end)" : strerror(errno);
			u->at = 0, u->n = (size_t)got;
		}
		line[n] = u->buf[u->at++];
		if (line[n] == '\n' || n == LINE - 1)
			break;
		n++;
	}
	line[n] = '\0';
	return line;
}

static void reads(struct user *u, int n)
{
	while (n-- > 0)
		printf("%-6s reads: %s\n", u->name, next(u));
}

static void types(struct user *u, const char *text)
{
	if (garn_write(u->fd, text, strlen(text)) < 0)
		die("write");
}

static void enters(struct user *u, const char *address, const char *text)
{
	if ((u->fd = garn_dial("tcp", address)) < 0)
		die("dial");
	types(u, text);
}

static void script(const char *address, garn_waitgroup *running)
{
	enum { MANY = 3000, BATCH = 20 };
	struct user ada = { .name = "Ada" }, bob = { .name = "Bob" }, sloth = { .name = "Sloth" };
	char text[200], wanted[LINE];
	int right = 0, out = 0;
	enters(&ada, address, "Ada\n"), reads(&ada, 2);
	enters(&bob, address, "Ada\nBob\n"), reads(&bob, 3), reads(&ada, 1);
	types(&ada, "How do you do?\n"), reads(&bob, 1);
	enters(&sloth, address, "Sloth\n"), reads(&ada, 1), reads(&bob, 1);
	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "line %d %0170d\n", i, i);
		types(&ada, text);
		while (i % BATCH == BATCH - 1 && right <= i) {
			const char *got = next(&bob);
			snprintf(wanted, sizeof wanted, "Ada: line %d %0170d", right, right);
			if (strcmp(got, wanted) == 0)
				right++;
			else if (strcmp(got, "* Sloth does not listen, and is out") == 0)
				out++;
			else
				break;
		}
	}
	printf("Bob    reads all that Ada types, %d lines, and %d time that Sloth is out\n", right, out);
	reads(&ada, 1);
	types(&bob, "Good-bye\n"), reads(&ada, 1);
	garn_close(bob.fd), reads(&ada, 1);
	kill(getpid(), SIGINT);
	reads(&ada, 2);
	garn_close(ada.fd), garn_close(sloth.fd);
	garn_waitgroup_done(running);
}

int main(int argc, char **argv)
{
	struct sockaddr_in a;
	socklen_t len = sizeof a;
	char address[32];
	int little = 16 << 10;
	snprintf(address, sizeof address, argc > 1 ? ":%s" : "127.0.0.1:0", argc > 1 ? argv[1] : "");
	int listener = garn_listen("tcp4", address);
	if (listener < 0 || getsockname(listener, (struct sockaddr *)&a, &len) < 0)
		die(address);
	setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &little, sizeof little); // the kernel's queue for each member: not megabytes

	chan(int) interrupt = garn_notify(SIGINT);
	chan(struct event) events = chan_make(struct event, 0);
	garn_waitgroup sessions = {0}, running = {0};
	garn_waitgroup_add(&sessions, 1);
	go(serve, listener, events, &sessions);
	go(room, events);
	if (argc == 1) {
		snprintf(address, sizeof address, "127.0.0.1:%d", ntohs(a.sin_port));
		garn_waitgroup_add(&running, 1);
		go(script, address, &running);
	}
	chan_recv(interrupt);
	garn_close(listener);
	chan_send(events, { .what = QUIT });
	garn_waitgroup_wait(&sessions);
	chan_close(events);
	garn_waitgroup_wait(&running);
	printf("nobody is left\n");
	garn_notify_stop(interrupt);
	return 0;
}
