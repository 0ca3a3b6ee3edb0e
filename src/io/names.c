/* getaddrinfo, in libc's own way, on helper threads. What needs no looking up is answered at once. */
#include "io/names.h"
#include "garn.h"
#include "io/work.h"
#include "sched/sched.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct lookup {
	struct work work;
	const char *node, *service;      /* in text, or null */
	struct addrinfo hints, *hintsp;
	struct addrinfo *result;
	int status;
	char text[];
};

static void look(struct work *w)
{
	struct lookup *l = (struct lookup *)w;
	l->status = getaddrinfo(l->node, l->service, l->hintsp, &l->result);
}

static void drop(struct work *w)
{
	struct lookup *l = (struct lookup *)w;
	if (l->result)
		freeaddrinfo(l->result);
	free(l);
}

/* A copy of all that is asked, as who asks may be gone before the answer comes. */
static struct lookup *newlookup(const char *node, const char *service, const struct addrinfo *hints)
{
	size_t n = node ? strlen(node) + 1 : 0, s = service ? strlen(service) + 1 : 0;
	struct lookup *l = malloc(sizeof *l + n + s);
	if (!l)
		return NULL;
	memset(l, 0, sizeof *l);
	l->work.run = look;
	l->work.drop = drop;
	if (node)
		l->node = memcpy(l->text, node, n);
	if (service)
		l->service = memcpy(l->text + n, service, s);
	if (hints) {
		l->hints = *hints;
		l->hintsp = &l->hints;
	}
	return l;
}

bool names_isnumeric(const char *host)
{
	struct in_addr a4;
	struct in6_addr a6;
	return inet_pton(AF_INET, host, &a4) == 1 || inet_pton(AF_INET6, host, &a6) == 1;
}

static bool isnumber(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

/* Neither files nor servers are asked for it. */
static bool isquick(const char *node, const char *service)
{
	return (!node || names_isnumeric(node)) && (!service || isnumber(service));
}

/* Runs on: g, foreign. May park. */
int garn_getaddrinfo_until(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res, int64_t when)
{
	mustgetg();
	if (isquick(node, service))
		return getaddrinfo(node, service, hints, res);
	struct lookup *l = newlookup(node, service, hints);
	if (!l)
		return EAI_MEMORY;
	int err = workdo(&lookups, &l->work, when);
	int status = EAI_SYSTEM;
	if (err == 0) {
		status = l->status;
		err = l->work.err;
		*res = l->result;
		l->result = NULL;
	}
	workdrop(&l->work);
	if (status == EAI_SYSTEM)
		*garn_errno_location() = err;
	return status;
}

/* Runs on: g, foreign. May park. */
int garn_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	return garn_getaddrinfo_until(node, service, hints, res, 0);
}
