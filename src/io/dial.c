/* dial and listen, with Go's forms of networks and addresses; what comes back is a descriptor, non-blocking and closed by exec.
 *
 *   tcp udp        both families; tcp4 tcp6 udp4 udp6 one of them      "host:port" "[::1]:80" ":8080" "host:http"
 *   unix           a stream; unixgram, unixpacket                      a path, or "@name" without a file
 *
 * Dial tries the addresses of a name one after another, in the order of getaddrinfo, each for its share of the time that is left, and says
 * the error of the first. Go tries both families at the same time after 300 ms; here an address that drops packets costs its share.
 * Listen takes the first IPv4 address of a name, as Go does, and on a wildcard both families with one socket. */
#include "garn.h"
#include "io/names.h"
#include "os/os.h"
#include "sched/sched.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const int64_t SHARE_LEAST = 2000000000;
enum { BACKLOG = 65535 /* the kernel makes it net.core.somaxconn */, SELF_TRIES = 3 };

static const struct network {
	const char *name;
	int family, type;
} networks[] = {
	{ "tcp", AF_UNSPEC, SOCK_STREAM },      { "tcp4", AF_INET, SOCK_STREAM },     { "tcp6", AF_INET6, SOCK_STREAM },
	{ "udp", AF_UNSPEC, SOCK_DGRAM },       { "udp4", AF_INET, SOCK_DGRAM },      { "udp6", AF_INET6, SOCK_DGRAM },
	{ "unix", AF_UNIX, SOCK_STREAM },       { "unixgram", AF_UNIX, SOCK_DGRAM },
	{ "unixpacket", AF_UNIX, SOCK_SEQPACKET },
};

static const struct network *findnetwork(const char *name)
{
	for (size_t i = 0; i < nelem(networks); i++)
		if (name && strcmp(networks[i].name, name) == 0)
			return &networks[i];
	return NULL;
}

/* errno, on whichever thread we are now. */
static int failed(int err)
{
	*garn_errno_location() = err;
	return -1;
}

/* ---- addresses --------------------------------------------------------------------------------- */

enum { HOST_MOST = 300 };

struct hostport {
	char host[HOST_MOST]; /* without brackets */
	const char *port;     /* never empty */
	bool numeric;         /* the port */
};

/* A number up to 65535, or a name of a service. */
static int checkport(struct hostport *hp)
{
	if (!*hp->port)
		hp->port = "0";
	size_t n = strlen(hp->port);
	hp->numeric = strspn(hp->port, "0123456789") == n;
	if (!hp->numeric)
		return n < 64 && !strpbrk(hp->port, "+- \t\n\r/") ? 0 : EINVAL;
	const char *digits = hp->port + strspn(hp->port, "0");
	return strlen(digits) <= 5 && strtol(hp->port, NULL, 10) <= 65535 ? 0 : EINVAL;
}

/* "host:port" or "[host]:port", Go's SplitHostPort. 0 or an errno. */
static int splithostport(const char *address, struct hostport *hp)
{
	const char *colon = strrchr(address, ':'), *host = address, *end = colon;
	if (!colon)
		return EINVAL;
	if (*address == '[') {
		host = address + 1;
		end = strchr(host, ']');
		if (!end || end + 1 != colon)
			return EINVAL;
	}
	size_t n = (size_t)(end - host);
	if (n >= sizeof hp->host)
		return ENAMETOOLONG;
	memcpy(hp->host, host, n);
	hp->host[n] = 0;
	if (strpbrk(hp->host, "[]") || strpbrk(colon, "[]") || (end == colon && strchr(hp->host, ':')))
		return EINVAL;
	hp->port = colon + 1;
	return checkport(hp);
}

static int errnoof(int status, int err)
{
	switch (status) {
	case 0: return 0;
	case EAI_SYSTEM: return err;
	case EAI_MEMORY: return ENOMEM;
	case EAI_AGAIN: return EAGAIN;
	case EAI_SERVICE: return EINVAL;
	case EAI_FAMILY: return EAFNOSUPPORT;
#ifdef EAI_ADDRFAMILY
	case EAI_ADDRFAMILY: return EAFNOSUPPORT;
#endif
	case EAI_FAIL: return EIO;
	default: return ENOENT; /* no such host */
	}
}

/* All addresses for it. 0 or an errno. */
static int resolve(const struct network *nw, const struct hostport *hp, bool passive, struct addrinfo **res, int64_t when)
{
	struct addrinfo hints = { .ai_family = nw->family, .ai_socktype = nw->type };
	if (passive)
		hints.ai_flags |= AI_PASSIVE;
	else if (!*hp->host && nw->family == AF_UNSPEC)
		hints.ai_family = AF_INET; /* this machine, Go's way */
	if (hp->numeric)
		hints.ai_flags |= AI_NUMERICSERV;
	int status = garn_getaddrinfo_until(*hp->host ? hp->host : NULL, hp->port, &hints, res, when);
	int err = errnoof(status, *garn_errno_location());
	/* A number of the other family is no missing name. */
	return err == ENOENT && names_isnumeric(hp->host) ? EAFNOSUPPORT : err;
}

/* A path or an abstract name. 0 or an errno. */
static int unixaddress(const char *path, struct sockaddr_un *sa, socklen_t *len)
{
	size_t n = strlen(path);
	bool abstract = *path == '@';
	if (n == 0)
		return EINVAL;
	if (n + !abstract > sizeof sa->sun_path)
		return ENAMETOOLONG;
	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path, n);
	if (abstract)
		sa->sun_path[0] = 0;
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + !abstract);
	return 0;
}

/* ---- sockets ----------------------------------------------------------------------------------- */

static void seton(int fd, int level, int option)
{
	int on = 1;
	setsockopt(fd, level, option, &on, sizeof on);
}

/* With the options that Go sets. -1 and errno. */
static int newsocket(int family, int type)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || family == AF_UNIX)
		return fd;
	if (type == SOCK_STREAM)
		seton(fd, IPPROTO_TCP, TCP_NODELAY); /* a listener's are inherited by what it accepts */
	else
		seton(fd, SOL_SOCKET, SO_BROADCAST);
	return fd;
}

/* errno stays. */
static void closefd(int fd)
{
	int err = *garn_errno_location();
	garn_close(fd);
	*garn_errno_location() = err;
}

/* Connect a new socket. The deadline is set in any case: a file that had its number, and was closed behind our back, may have left one. */
static int connectuntil(int fd, const struct sockaddr *sa, socklen_t len, int64_t when)
{
	if (garn_set_deadline(fd, GARN_READ | GARN_WRITE, when) != 0)
		return -1;
	if (garn_connect(fd, sa, len) != 0)
		return -1;
	return when ? garn_set_deadline(fd, GARN_READ | GARN_WRITE, 0) : 0;
}

/* ---- dial -------------------------------------------------------------------------------------- */

/* To a port of its own range a socket may connect to itself: nobody listens there. */
static bool toitself(int fd)
{
	struct sockaddr_storage me, it;
	socklen_t n = sizeof me, m = sizeof it;
	memset(&me, 0, sizeof me);
	memset(&it, 0, sizeof it);
	return getsockname(fd, (struct sockaddr *)&me, &n) == 0 && getpeername(fd, (struct sockaddr *)&it, &m) == 0 && n == m &&
	       memcmp(&me, &it, n) == 0;
}

/* One address. The descriptor, or -1 and errno. */
static int dialone(int family, int type, const struct sockaddr *sa, socklen_t len, int64_t when)
{
	for (int i = 0; i < SELF_TRIES; i++) {
		int fd = newsocket(family, type);
		if (fd < 0)
			return -1;
		if (connectuntil(fd, sa, len, when) != 0) {
			closefd(fd);
			return -1;
		}
		if (family == AF_UNIX || type != SOCK_STREAM || !toitself(fd))
			return fd;
		closefd(fd);
	}
	return failed(ECONNREFUSED);
}

/* Until when to try the next of n addresses: an equal share, but not too little. */
static int64_t shareof(int64_t when, int n)
{
	if (when == 0)
		return 0;
	int64_t now = os_nanotime(), left = when - now, share = left / n;
	if (left <= 0)
		return when;
	if (share < SHARE_LEAST)
		share = left < SHARE_LEAST ? left : SHARE_LEAST;
	return now + share;
}

static int dialany(const struct addrinfo *list, int64_t when)
{
	int n = 0, first = 0;
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next)
		n++;
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		if (when && first && when <= os_nanotime())
			break;
		int fd = dialone(ai->ai_family, ai->ai_socktype, ai->ai_addr, ai->ai_addrlen, shareof(when, n--));
		if (fd >= 0)
			return fd;
		if (!first)
			first = *garn_errno_location();
	}
	return failed(first);
}

/* Runs on: g, foreign. May park. */
int garn_dial_until(const char *network, const char *address, int64_t when)
{
	const struct network *nw = findnetwork(network);
	struct hostport hp;
	struct sockaddr_un un;
	struct addrinfo *list = NULL;
	socklen_t len;
	int err;
	mustgetg();
	if (!nw || !address)
		return failed(nw ? EINVAL : EPROTONOSUPPORT);
	if (nw->family == AF_UNIX) {
		err = unixaddress(address, &un, &len);
		return err ? failed(err) : dialone(AF_UNIX, nw->type, (struct sockaddr *)&un, len, when);
	}
	if ((err = splithostport(address, &hp)) != 0 || (err = resolve(nw, &hp, false, &list, when)) != 0)
		return failed(err);
	int fd = dialany(list, when);
	freeaddrinfo(list);
	return fd;
}

/* Runs on: g, foreign. May park. */
int garn_dial(const char *network, const char *address)
{
	return garn_dial_until(network, address, 0);
}

/* ---- listen ------------------------------------------------------------------------------------ */

static int listenat(int family, int type, const struct sockaddr *sa, socklen_t len, bool both)
{
	int fd = newsocket(family, type), v6only = !both;
	if (fd < 0)
		return -1;
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof v6only);
	if (family != AF_UNIX && type == SOCK_STREAM)
		seton(fd, SOL_SOCKET, SO_REUSEADDR);
	if (bind(fd, sa, len) == 0 && (type == SOCK_DGRAM || listen(fd, BACKLOG) == 0))
		return fd;
	closefd(fd);
	return -1;
}

static bool iswildcard(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ((const struct sockaddr_in *)sa)->sin_addr.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)sa)->sin6_addr);
}

static in_port_t portof(const struct sockaddr *sa)
{
	return sa->sa_family == AF_INET ? ((const struct sockaddr_in *)sa)->sin_port : ((const struct sockaddr_in6 *)sa)->sin6_port;
}

/* All addresses of both families, with one socket if there is IPv6. */
static int listenboth(int type, in_port_t port)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = port };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = port };
	int fd = listenat(AF_INET6, type, (struct sockaddr *)&six, sizeof six, true);
	int err = *garn_errno_location();
	if (fd >= 0 || (err != EAFNOSUPPORT && err != EADDRNOTAVAIL))
		return fd;
	return listenat(AF_INET, type, (struct sockaddr *)&four, sizeof four, false);
}

/* Runs on: g, foreign. May park. */
int garn_listen(const char *network, const char *address)
{
	const struct network *nw = findnetwork(network);
	struct hostport hp;
	struct sockaddr_un un;
	struct addrinfo *list = NULL, *ai;
	socklen_t len;
	int err, fd;
	mustgetg();
	if (!nw || !address)
		return failed(nw ? EINVAL : EPROTONOSUPPORT);
	if (nw->family == AF_UNIX) {
		err = unixaddress(address, &un, &len);
		return err ? failed(err) : listenat(AF_UNIX, nw->type, (struct sockaddr *)&un, len, false);
	}
	if ((err = splithostport(address, &hp)) != 0 || (err = resolve(nw, &hp, true, &list, 0)) != 0)
		return failed(err);
	for (ai = list; ai && ai->ai_family != AF_INET;)
		ai = ai->ai_next;
	if (!ai)
		ai = list;
	if (nw->family == AF_UNSPEC && iswildcard(ai->ai_addr))
		fd = listenboth(nw->type, portof(ai->ai_addr));
	else
		fd = listenat(ai->ai_family, nw->type, ai->ai_addr, ai->ai_addrlen, false);
	freeaddrinfo(list);
	return fd;
}
