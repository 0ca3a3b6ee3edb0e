// Goroutines that wait, with all that is on their packed stacks in use by others: goroutines and plain threads read and write variables there,
// lock a mutex there, send to and receive from them, and have garn's calls read and write there. Nothing is lost, nothing is seen
// half put back, no datagram is consumed without arriving.
// ENV: GARN_PACK=2
// SAN: no-address no-thread (nothing is packed under them)
#include "t_pack.h"
#include <sys/socket.h>
#include <sys/uio.h>

enum { SLEEPERS = 24, USERS = 5, THREADS = 2, WORDS = 40, KINDS = 5, ENOUGH = 20, BELOW = 50000 };
#define PATTERN UINT64_C(0x5aa5f00d00000000)

// On the stack of a sleeper.
struct scene {
	uint64_t words[WORDS]; // each PATTERN + its number
	garn_mutex mutex;
	uint64_t locked;       // under mutex
	uint64_t hits;         // A
	char buf[32];          // under mutex
	struct iovec v[2];     // under mutex
	struct msghdr m;       // under mutex
	char each[USERS][16];  // each user's own
	uint64_t got;          // by the sleeper
};

static struct sleeper {
	garn_chan_of(uint64_t) in, out, also;
	struct scene *scene;
	uint64_t sent, hits, locked; // A: by the users
} sl[SLEEPERS];
static uint64_t seed;
static int64_t finish;
static uint32_t enough, started, ended, gone; // A

enum { LAST = 1 << 30 };

// One wait, in one of many ways. What came, or 0.
static uint64_t wait(struct sleeper *s, struct scene *sc, uint64_t kind)
{
	uint64_t v = 0;
	bool ok = true;
	switch (kind) {
	case 0: v = chan_recv(s->in); break;
	case 1: ok = chan_recv_ok(s->in, &v); break;
	case 2:
		switch (chan_select(on_recv(s->also, &v), on_recv(s->in, &v), on_timeout(GARN_MS(50)))) {
		case 0: CHECK(0); break;
		case 2: return 0;
		}
		break;
	case 3: chan_send(s->out, sc->got); return 0;
	default: garn_sleep(GARN_MS(5)); return 0;
	}
	CHECK(ok);
	return v;
}

static void sleeper(int n)
{
	struct sleeper *s = &sl[n];
	struct scene sc;
	struct t_rng r = t_rng(seed, 100 + n);
	memset(&sc, 0, sizeof sc);
	for (int i = 0; i < WORDS; i++)
		sc.words[i] = PATTERN + i;
	SET(s->scene, &sc);
	ADD(started, 1);
	for (uint64_t v = 0; v != LAST;) {
		v = wait(s, &sc, t_below(&r, KINDS));
		if (v != LAST)
			sc.got += v;
		for (int i = 0; i < WORDS; i++)
			CHECK_EQ(sc.words[i], PATTERN + i);
	}
	CHECK_EQ(sc.got, s->sent);
	CHECK_EQ(sc.hits, s->hits);
	CHECK_EQ(sc.locked, s->locked);
	ADD(ended, 1);
}

// A datagram to the buffer there, and out of it; the array of pieces is there, too. Holds the mutex there.
static void datagram(struct scene *sc, int fd[2], uint32_t n, uint64_t how)
{
	char here[32] = "";
	uint32_t out[2] = { n, ~n };
	CHECK_EQ(garn_send(fd[0], out, sizeof out, 0), sizeof out);
	switch (how) {
	case 0: CHECK_EQ(garn_read(fd[1], sc->buf, sizeof sc->buf), sizeof out); break;
	case 1:
		sc->v[0] = (struct iovec){ sc->buf, 4 };
		sc->v[1] = (struct iovec){ sc->buf + 4, sizeof sc->buf - 4 };
		garn_sleep(GARN_MS(3));
		CHECK_EQ(garn_readv(fd[1], sc->v, 2), sizeof out);
		break;
	case 2:
		sc->v[0] = (struct iovec){ sc->buf, sizeof sc->buf };
		sc->m = (struct msghdr){ .msg_iov = sc->v, .msg_iovlen = 1 };
		garn_sleep(GARN_MS(3));
		CHECK_EQ(garn_recvmsg(fd[1], &sc->m, 0), sizeof out);
		break;
	default: CHECK_EQ(garn_recv(fd[1], sc->buf, sizeof sc->buf, MSG_DONTWAIT), sizeof out); break;
	}
	if (how % 2)
		garn_sleep(GARN_MS(3));
	CHECK_EQ(garn_write(fd[1], sc->buf, sizeof out), sizeof out);
	CHECK_EQ(garn_recv(fd[0], here, sizeof here, 0), sizeof out);
	CHECK(memcmp(here, out, sizeof out) == 0);
	CHECK(memcmp(sc->buf, out, sizeof out) == 0);
}

// The same to a place that nobody else uses, and that nothing has touched before.
static void straight(char *place, int fd[2], uint32_t n)
{
	uint32_t out[2] = { n, ~n };
	CHECK_EQ(garn_send(fd[0], out, sizeof out, 0), sizeof out);
	CHECK_EQ(garn_read(fd[1], place, 16), sizeof out);
	CHECK(memcmp(place, out, sizeof out) == 0);
}

static void use(struct t_rng *r, int id, int fd[2], uint32_t n)
{
	struct sleeper *s = &sl[t_below(r, SLEEPERS)];
	struct scene *sc = s->scene;
	uint64_t v = 1 + t_below(r, 1000), got;
	bool waited = t_packed(sc);
	switch (t_below(r, 8)) {
	case 0:
		ADD(sc->hits, 1);
		ADD(s->hits, 1);
		break;
	case 1:
		for (int i = WORDS - 1; i >= 0; i--)
			CHECK_EQ(((volatile struct scene *)sc)->words[i], PATTERN + i);
		break;
	case 2:
		garn_mutex_lock(&sc->mutex);
		sc->locked++;
		garn_mutex_unlock(&sc->mutex);
		ADD(s->locked, 1);
		break;
	case 3:
		if (chan_select(on_send(s->in, v), on_recv(s->out, &got), on_timeout(GARN_MS(5))) == 0)
			ADD(s->sent, v);
		break;
	case 4:
		if (!chan_try_recv(s->out, &got))
			garn_sleep(GARN_MS(3));
		break;
	case 5:
	case 6:
		straight(sc->each[id], fd, n);
		break;
	default:
		garn_mutex_lock(&sc->mutex);
		datagram(sc, fd, n, t_below(r, 4));
		garn_mutex_unlock(&sc->mutex);
	}
	if (waited)
		ADD(gone, 1);
}

static void user(void *arg)
{
	struct t_rng r = t_rng(seed, (uintptr_t)arg);
	int fd[2];
	CHECK_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	for (uint32_t n = 0; t_now() < finish || !GET(enough); n++) {
		use(&r, (int)(uintptr_t)arg, fd, n);
		if (t_below(&r, 4) == 0)
			garn_sleep(GARN_MS(1 + t_below(&r, 8)));
	}
	garn_close(fd[0]);
	garn_close(fd[1]);
}

// Knows nothing of garn: all words at once, from many threads.
static void *bare(void *arg)
{
	struct t_rng r = t_rng(seed, 50 + (uintptr_t)arg);
	while (t_now() < finish || !GET(enough)) {
		struct sleeper *s = &sl[t_below(&r, SLEEPERS)];
		volatile struct scene *sc = s->scene;
		(void)((volatile char *)sc)[-BELOW]; // nothing lives there, but it can be read
		for (int i = 0; i < WORDS; i++)
			CHECK_EQ(sc->words[i], PATTERN + i);
		ADD(s->scene->hits, 1);
		ADD(s->hits, 1);
		usleep((useconds_t)t_below(&r, 5000));
	}
	return NULL;
}

int main(void)
{
	struct t_worker users[USERS];
	pthread_t threads[THREADS];
	t_need_packing();
	seed = t_seed();
	finish = t_now() + t_stress_time();
	for (int i = 0; i < SLEEPERS; i++) {
		sl[i].in = garn_make(uint64_t, i % 2);
		sl[i].out = garn_make(uint64_t, 0);
		sl[i].also = garn_make(uint64_t, 0);
		go(sleeper, i);
	}
	t_await(&started, SLEEPERS);
	for (uintptr_t i = 0; i < USERS; i++)
		t_start(&users[i], i >= USERS - THREADS, user, (void *)i);
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, bare, (void *)i), 0);
	while (t_now() < finish || GET(gone) < ENOUGH)
		garn_sleep(GARN_MS(20));
	SET(enough, 1);
	for (int i = 0; i < USERS; i++)
		t_join(&users[i]);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < SLEEPERS; i++) {
		uint64_t v, last = LAST;
		while (chan_select(on_send(sl[i].in, last), on_recv(sl[i].out, &v)) != 0)
			;
	}
	for (uint64_t v; GET(ended) < SLEEPERS; garn_sleep(GARN_MS(1)))
		for (int i = 0; i < SLEEPERS; i++)
			chan_try_recv(sl[i].out, &v);
	garn_stats s;
	garn_read_stats(&s);
	CHECK(s.packed.folds > 0);
	printf("%u times on a packed stack; %ld blocks folded\n", gone, (long)s.packed.folds);
	return 0;
}
