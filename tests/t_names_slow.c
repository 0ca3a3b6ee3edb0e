// Lookups that take their time, by a getaddrinfo of the test's own: other goroutines go on meanwhile, on one processor too; a deadline ends
// the wait and not the lookup, whose late answer is freed; what was asked may change after; more requests than threads queue.
#define _GNU_SOURCE 1
#include "test.h"

#include <arpa/inet.h>
#include <garn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

enum { MANY = 100, THREADS = 32 };

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static int inside, most, held = 1, made, freed;
static uint16_t ports[8];
static int nports;

static struct addrinfo *answer(const char *node, int port)
{
	struct addrinfo *ai = calloc(1, sizeof(*ai));
	struct sockaddr_in *sa = calloc(1, sizeof(*sa));
	sa->sin_family = AF_INET;
	sa->sin_port = htons(port);
	sa->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ai->ai_family = AF_INET;
	ai->ai_socktype = SOCK_STREAM;
	ai->ai_addr = (void *)sa;
	ai->ai_addrlen = sizeof(*sa);
	ai->ai_canonname = strdup(node);
	made++;
	return ai;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	int status = 0;
	pthread_mutex_lock(&mu);
	if (++inside > most)
		most = inside;
	pthread_cond_broadcast(&cv);
	while (held)
		pthread_cond_wait(&cv, &mu);
	inside--;
	CHECK(node[0] != 'x' && (!service || service[0] != 'x')); // who asked has changed his own since
	if (strncmp(node, "many", 4) == 0) {
		for (int i = nports; i-- > 0;) {
			struct addrinfo *ai = answer(node, ports[i]);
			ai->ai_next = i == nports - 1 ? NULL : *res;
			*res = ai;
		}
	} else if (strcmp(node, "missing") == 0) {
		status = EAI_NONAME;
	} else if (strcmp(node, "broken") == 0) {
		errno = EMFILE;
		status = EAI_SYSTEM;
	} else {
		*res = answer(node, service ? (int)strlen(service) : hints->ai_protocol);
	}
	pthread_mutex_unlock(&mu);
	return status;
}

void freeaddrinfo(struct addrinfo *ai)
{
	while (ai) {
		struct addrinfo *next = ai->ai_next;
		free(ai->ai_addr);
		free(ai->ai_canonname);
		free(ai);
		ai = next;
		__atomic_fetch_add(&freed, 1, __ATOMIC_ACQ_REL);
	}
}

static void hold(int on)
{
	pthread_mutex_lock(&mu);
	held = on;
	pthread_cond_broadcast(&cv);
	pthread_mutex_unlock(&mu);
}

static int count(int *what)
{
	pthread_mutex_lock(&mu);
	int n = *what;
	pthread_mutex_unlock(&mu);
	return n;
}

static void lookup(int i, chan(int) done)
{
	struct addrinfo *ai = NULL, hints = { .ai_protocol = i };
	char node[32];
	snprintf(node, sizeof(node), "node%d", i);
	CHECK_EQ(garn_getaddrinfo(node, NULL, &hints, &ai), 0);
	CHECK_STR(ai->ai_canonname, node);
	CHECK_EQ(ntohs(((struct sockaddr_in *)ai->ai_addr)->sin_port), i);
	freeaddrinfo(ai);
	chan_send(done, i);
}

// All wait; the one processor is free; the threads are not more than they should be.
static void many(void)
{
	chan(int) done = chan_make(int, 0);
	hold(1);
	for (int i = 0; i < MANY; i++)
		go(lookup, i, done);
	while (count(&inside) < THREADS)
		garn_sleep(GARN_US(100));
	CHECK_EQ(chan_select(on_recv(done, NULL), on_timeout(GARN_MS(20))), 1);
	hold(0);
	for (int i = 0; i < MANY; i++)
		chan_recv(done);
	CHECK_EQ(most, THREADS);
	chan_unref(done);
}

static void *thread(void *arg)
{
	lookup(7, (chan(int))arg);
	return NULL;
}

static void late(void)
{
	struct addrinfo *ai = (void *)&ai;
	char node[] = "late", service[] = "three";
	hold(1);
	errno = 0;
	int64_t before = garn_now();
	CHECK_EQ(garn_getaddrinfo_until(node, service, NULL, &ai, before + GARN_MS(10)), EAI_SYSTEM);
	CHECK_EQ(errno, ETIMEDOUT);
	CHECK(garn_now() >= before + GARN_MS(10));
	CHECK(ai == (void *)&ai);
	memset(node, 'x', 4);
	memset(service, 'x', 5);
	errno = 0;
	CHECK_EQ(garn_getaddrinfo_until("past", NULL, NULL, &ai, 1), EAI_SYSTEM);
	CHECK_EQ(errno, ETIMEDOUT);
	errno = 0;
	CHECK_EQ(garn_dial_until("tcp", "late:80", garn_now() + GARN_MS(5)), -1);
	CHECK_EQ(errno, ETIMEDOUT);
	int n = freed;
	hold(0);
	while (__atomic_load_n(&freed, __ATOMIC_ACQUIRE) < n + 2)
		garn_sleep(GARN_US(100));
	CHECK_EQ(garn_getaddrinfo_until("intime", NULL, &(struct addrinfo){ 0 }, &ai, garn_now() + GARN_S(3600)), 0);
	freeaddrinfo(ai);
}

static void errors(void)
{
	struct addrinfo *ai;
	CHECK_EQ(garn_getaddrinfo("missing", NULL, NULL, &ai), EAI_NONAME);
	errno = 0;
	CHECK_EQ(garn_getaddrinfo("broken", NULL, NULL, &ai), EAI_SYSTEM);
	CHECK_EQ(errno, EMFILE);
	errno = 0;
	CHECK_EQ(garn_dial("tcp", "missing:80"), -1);
	CHECK_EQ(errno, ENOENT);
	CHECK_EQ(garn_listen("tcp", "missing:80"), -1);
	CHECK_EQ(errno, ENOENT);
	CHECK_EQ(garn_dial("tcp", "broken:80"), -1);
	CHECK_EQ(errno, EMFILE);
}

// A port of the loopback address with a listener (fd), or one nobody listens on.
static uint16_t port(int *fd)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sa);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_EQ(bind(s, (void *)&sa, sizeof(sa)), 0);
	CHECK_EQ(getsockname(s, (void *)&sa, &n), 0);
	if (fd) {
		CHECK_EQ(listen(s, 5), 0);
		*fd = s;
	}
	return ntohs(sa.sin_port); // bound and not listening: refused
}

// A name of many addresses: the first that answers; the error of the first if none does.
static void addresses(void)
{
	int l, fd;
	struct sockaddr_in sa;
	socklen_t n = sizeof(sa);
	nports = 4;
	ports[0] = port(NULL);
	ports[1] = port(NULL);
	ports[2] = port(&l);
	ports[3] = port(NULL);
	CHECK((fd = garn_dial("tcp", "many:1")) >= 0);
	CHECK_EQ(getpeername(fd, (void *)&sa, &n), 0);
	CHECK_EQ(ntohs(sa.sin_port), ports[2]);
	close(fd);
	CHECK((fd = garn_dial_until("tcp", "many:1", garn_now() + GARN_S(60))) >= 0);
	close(fd);
	nports = 2;
	CHECK_EQ(garn_dial("tcp", "many:1"), -1);
	CHECK_EQ(errno, ECONNREFUSED);
	close(l);
}

int main(void)
{
	pthread_t t;
	chan(int) c = chan_make(int, 1);
	many();
	late();
	errors();
	addresses();
	CHECK_EQ(pthread_create(&t, NULL, thread, (void *)c), 0);
	CHECK_EQ(chan_recv(c), 7);
	pthread_join(t, NULL);
	chan_unref(c);
	CHECK_EQ(count(&made), __atomic_load_n(&freed, __ATOMIC_ACQUIRE));
	return 0;
}
