// Which ports of this machine answer?
//
//   ./garn run examples/portscan.c -- 127.0.0.1 1 65535        scans these ports
//   ./garn run examples/portscan.c                             scans, opens five ports, scans, and must find just these
//
// A goroutine for each port, all started at once; a semaphore lets so many of them have a socket at a time. Each takes a unit,
// connects or finds that it cannot, gives the unit back, and says what it found.
//
// What to look at: starting 65535 goroutines takes little memory, as one that has not run has no stack, and those that wait for
// the semaphore have touched a page or two. Without the semaphore the program would run out of descriptors. A port that a
// firewall keeps silent about costs PATIENCE and no more. Results come in any order, and are noted in a table by port.
#include <garn.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AT_ONCE = 200, OWN = 5 };
#define PATIENCE GARN_S(2)

static void die(const char *what)
{
	fprintf(stderr, "portscan: %s: %s\n", what, strerror(errno));
	exit(1);
}

struct finding {
	int port;
	int error; // 0: somebody answered
};

static void probe(struct in_addr host, int port, int64_t patience, garn_sem *sockets, chan(struct finding) findings)
{
	struct sockaddr_in own, a = { .sin_family = AF_INET, .sin_addr = host, .sin_port = htons((uint16_t)port) };
	socklen_t len = sizeof own;
	int error = 0;
	garn_sem_acquire(sockets);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	garn_set_deadline(fd, GARN_WRITE, garn_now() + patience);
	if (garn_connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
		error = errno;
	else if (getsockname(fd, (struct sockaddr *)&own, &len) == 0 && own.sin_port == a.sin_port &&
	         own.sin_addr.s_addr == host.s_addr)
		error = ECONNREFUSED; // the kernel chose this very port for our end: we have reached ourselves
	garn_close(fd);
	garn_sem_release(sockets);
	chan_send(findings, { port, error });
}

// Fills in error[port - first] for each port up to last.
static void scan(struct in_addr host, int first, int last, int64_t patience, int *error)
{
	garn_sem sockets = {0};
	chan(struct finding) findings = chan_make(struct finding, AT_ONCE);
	for (int i = 0; i < AT_ONCE; i++)
		garn_sem_release(&sockets);
	for (int port = first; port <= last; port++)
		go(probe, host, port, patience, &sockets, findings);
	for (int port = first; port <= last; port++) {
		struct finding f = chan_recv(findings);
		error[f.port - first] = f.error;
	}
	chan_unref(findings);
}

// Opens listeners at OWN free ports between first and last.
static void open_some(struct in_addr host, int first, int last, int *ports, int *fds)
{
	int opened = 0;
	char address[64];
	for (int port = first + 7; port <= last && opened < OWN; port += 7) {
		snprintf(address, sizeof address, "%s:%d", inet_ntoa(host), port);
		fds[opened] = garn_listen("tcp4", address);
		if (fds[opened] >= 0)
			ports[opened++] = port;
		else if (errno != EADDRINUSE)
			die(address);
	}
	if (opened < OWN)
		die("free ports");
}

// What answers besides what did before must be what was opened in between. All of 127.0.0.0/8 is this machine: at an address
// of our own nobody else opens a port meanwhile.
static int demonstrate(void)
{
	enum { FIRST = 20000, LAST = 20999 };
	struct in_addr host = { htonl(INADDR_LOOPBACK + ((uint32_t)getpid() & 0xffff) * 256) };
	int before[LAST - FIRST + 1], after[LAST - FIRST + 1], ports[OWN], fds[OWN], right = 0, wrong = 0;
	scan(host, FIRST, LAST, GARN_S(60), before);
	open_some(host, FIRST, LAST, ports, fds);
	scan(host, FIRST, LAST, GARN_S(60), after);
	for (int port = FIRST, next = 0; port <= LAST; port++) {
		bool answers = after[port - FIRST] == 0 && before[port - FIRST] != 0;
		bool opened = next < OWN && ports[next] == port;
		next += opened;
		right += opened && answers;
		wrong += opened != answers;
	}
	for (int i = 0; i < OWN; i++)
		garn_close(fds[i]);
	printf("%d ports scanned, %d at a time: of %d that were opened %d answer, and %s\n", LAST - FIRST + 1, AT_ONCE, OWN, right,
	       wrong == 0 ? "no other" : "SOMETHING IS WRONG");
	return wrong != 0;
}

int main(int argc, char **argv)
{
	struct in_addr host;
	if (argc == 1)
		return demonstrate();
	int first = argc == 4 ? atoi(argv[2]) : 0, last = argc == 4 ? atoi(argv[3]) : 0;
	if (argc != 4 || inet_pton(AF_INET, argv[1], &host) != 1 || first < 1 || last < first || last > 65535) {
		fprintf(stderr, "usage: portscan ADDRESS FIRST LAST, such as 127.0.0.1 1 65535\n");
		return 2;
	}
	int *error = calloc((size_t)(last - first + 1), sizeof *error), answers = 0, silent = 0;
	if (error == NULL)
		die("memory");
	int64_t start = garn_now();
	scan(host, first, last, PATIENCE, error);
	for (int port = first; port <= last; port++) {
		answers += error[port - first] == 0;
		silent += error[port - first] == ETIMEDOUT;
		if (error[port - first] == 0)
			printf("%d\n", port);
		else if (error[port - first] != ECONNREFUSED && error[port - first] != ETIMEDOUT)
			printf("%d: %s\n", port, strerror(error[port - first]));
	}
	printf("%d of %d answer, %d were silent, %.2f s\n", answers, last - first + 1, silent, (double)(garn_now() - start) * 1e-9);
	free(error);
	return 0;
}
