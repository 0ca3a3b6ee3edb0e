// Threads that run no goroutine: hundreds of short-lived ones use channels, go, locks and timers; what the library keeps for each
// is used again by the next, so nothing grows; thread keys' destructors may still call, on either side of the library's own.
#include "t_self.h"

#include <garn.h>
#include <malloc.h>
#include <pthread.h>

static garn_waitgroup wg;
static garn_mutex mu;
static garn_once once;
static int counter, inits, destroyed;

static void init(void)
{
	garn_yield();
	inits++;
}

static void add(chan(int) c, int n)
{
	chan_send(c, n);
	garn_waitgroup_done(&wg);
}

struct work {
	chan(int) in, out;
	int n;
};

static void *shortlived(void *arg)
{
	struct work *w = arg;
	int v = 0;
	errno = 55;
	CHECK_EQ(garn_goid(), 0);
	chan_send(w->in, w->n);
	CHECK_EQ(errno, 55);
	v = chan_recv(w->out);
	CHECK_EQ(errno, 55);
	go(add, w->in, v);
	garn_once_do(&once, init);
	garn_mutex_lock(&mu);
	counter++;
	garn_yield();
	garn_mutex_unlock(&mu);
	garn_lock_os_thread(); // nothing happens
	garn_unlock_os_thread();
	if (w->n % 8 == 0) {
		garn_sleep(GARN_US(50));
		CHECK_EQ(chan_select(on_recv(w->out, &v), on_timeout(GARN_US(10))), 1);
	}
	CHECK_EQ(garn_goid(), 0);
	CHECK_EQ(errno, 55);
	garn_waitgroup_done(&wg);
	return NULL;
}

// n threads, at most 4 at a time; each says a number and gets it back.
static void threads(int n)
{
	struct work w[4];
	pthread_t t[4];
	chan(int) in = chan_make(int, 0);
	for (int i = 0; i < n; i += 4) {
		int sum = 0;
		garn_waitgroup_add(&wg, 8);
		for (int j = 0; j < 4; j++) {
			w[j] = (struct work){ in, chan_make(int, 0), i + j };
			CHECK_EQ(pthread_create(&t[j], NULL, shortlived, &w[j]), 0);
		}
		for (int j = 0; j < 4; j++)
			sum += chan_recv(in);
		CHECK_EQ(sum, 4 * i + 6);
		for (int j = 0; j < 4; j++)
			chan_send(w[j].out, 100 * w[j].n);
		for (int j = 0; j < 4; j++)
			sum -= chan_recv(in) / 100;
		CHECK_EQ(sum, 0);
		garn_waitgroup_wait(&wg);
		for (int j = 0; j < 4; j++) {
			CHECK_EQ(pthread_join(t[j], NULL), 0);
			chan_unref(w[j].out);
		}
	}
	chan_unref(in);
}

// A line of /proc/self/status, in KB.
static long status(const char *what)
{
	char line[256];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");
	CHECK(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, what, strlen(what)) == 0)
			kb = strtol(line + strlen(what), NULL, 10);
	fclose(f);
	return kb;
}

static void nogrowth(void)
{
	mallopt(M_ARENA_MAX, 1);
	threads(40);
	long size = status("VmSize:");
	int n = T_SCALED(800) / 4 * 4;
	threads(n);
	CHECK_EQ(counter, 40 + n);
	CHECK_EQ(inits, 1);
	// Two pages for each thread would be 6 MB.
	if (T_SCALE == 1)
		CHECK(status("VmSize:") - size < 3000);
}

// ---- thread keys ----

static pthread_key_t keys[2];
static int rounds;

static void destroy(void *p)
{
	chan(int) c = p;
	int v = 0;
	CHECK_EQ(garn_goid(), 0);
	chan_send(c, 1);
	CHECK_EQ(chan_recv(c), 2);
	garn_mutex_lock(&mu);
	destroyed++;
	garn_mutex_unlock(&mu);
	CHECK_EQ(chan_select(on_recv(c, &v), on_timeout(GARN_US(10))), 1);
	chan_send(c, 3);
	chan_unref(c);
}

static void *keyed(void *arg)
{
	chan(int) c = arg;
	pthread_setspecific(keys[0], (void *)chan_ref(c));
	pthread_setspecific(keys[1], (void *)chan_ref(c));
	if (rounds++ % 2)
		chan_try_recv(c, NULL); // known to garn before it ends, or not
	return NULL;
}

static void destructors(void)
{
	for (int i = 0; i < T_SCALED(20) + 1; i++) {
		pthread_t t;
		chan(int) c = chan_make(int, 0);
		CHECK_EQ(pthread_create(&t, NULL, keyed, (void *)chan_ref(c)), 0);
		for (int j = 0; j < 2; j++) {
			CHECK_EQ(chan_recv(c), 1);
			chan_send(c, 2);
			CHECK_EQ(chan_recv(c), 3);
		}
		CHECK_EQ(pthread_join(t, NULL), 0);
		chan_unref(c);
		chan_unref(c);
	}
	CHECK_EQ(destroyed, 2 * (T_SCALED(20) + 1));
}

// The library makes its own key when it starts: one of ours is older, the other younger.
__attribute__((constructor)) static void early(void)
{
	pthread_key_create(&keys[0], destroy);
}

// ---- blocked threads ----

static void *blocked(void *arg)
{
	chan(int) *c = arg;
	int sum = 0, v;
	while (chan_recv_ok(*c, &v))
		sum += v;
	garn_mutex_lock(&mu);
	counter += sum;
	garn_mutex_unlock(&mu);
	garn_waitgroup_done(&wg);
	return NULL;
}

static void many(void)
{
	enum { N = 20 };
	pthread_t t[N];
	chan(int) c = chan_make(int, 0);
	counter = 0;
	garn_waitgroup_add(&wg, N);
	for (int i = 0; i < N; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, blocked, &c), 0);
	for (int i = 0; i < T_SCALED(2000); i++)
		chan_send(c, 1);
	chan_close(c);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(counter, T_SCALED(2000));
	for (int i = 0; i < N; i++)
		pthread_join(t[i], NULL);
	chan_unref(c);
}

int main(void)
{
	CHECK_EQ(pthread_key_create(&keys[1], destroy), 0);
	nogrowth();
	destructors();
	many();
	return 0;
}
