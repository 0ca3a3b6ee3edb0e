// No signal is lost and none comes twice, while listeners come and go: each is received, or meets the handler that was there before.
// Real-time signals, which the kernel counts; never more on their way than a channel has room for. Senders are plain threads.
// SAN: no-thread (TSan keeps signals back from the handler of the test's own)
#include "test.h"

#include <garn.h>
#include <pthread.h>
#include <signal.h>

enum { KINDS = 4, WINDOW = 16 };

static struct kind {
	int sig;
	uint64_t sent, handled, received;
} kinds[KINDS];
static uint32_t stop, senders;
static garn_waitgroup wg;
static uint64_t seed;

static void own(int sig)
{
	__atomic_fetch_add(&kinds[sig - SIGRTMIN].handled, 1, __ATOMIC_RELAXED);
}

static uint64_t arrived(struct kind *k)
{
	return __atomic_load_n(&k->handled, __ATOMIC_ACQUIRE) + __atomic_load_n(&k->received, __ATOMIC_ACQUIRE);
}

static void *sends(void *arg)
{
	struct kind *k = arg;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		if (k->sent - arrived(k) < WINDOW) {
			CHECK_EQ(kill(getpid(), k->sig), 0);
			k->sent++;
		} else {
			sched_yield();
		}
	}
	for (int64_t end = t_now() + 20000000000; arrived(k) != k->sent; usleep(1000))
		if (t_now() > end) {
			fprintf(stderr, "signal %d: sent %llu, handled %llu, received %llu\n", k->sig, (unsigned long long)k->sent,
			        (unsigned long long)k->handled, (unsigned long long)k->received);
			t_die(1);
		}
	__atomic_fetch_sub(&senders, 1, __ATOMIC_RELEASE);
	garn_waitgroup_done(&wg);
	return NULL;
}

static void received(struct kind *k, int sig)
{
	CHECK_EQ(sig, k->sig);
	__atomic_fetch_add(&k->received, 1, __ATOMIC_ACQ_REL);
}

static void listens(struct kind *k)
{
	struct t_rng rng = t_rng(seed, (uint64_t)k->sig);
	while (__atomic_load_n(&senders, __ATOMIC_ACQUIRE)) {
		int sig;
		chan(int) c = garn_notify(k->sig), mine = chan_ref(c);
		for (uint64_t n = t_below(&rng, 50); n > 0; n--)
			if (chan_select(on_recv(c, &sig), on_timeout(GARN_US(50))) == 0)
				received(k, sig);
		garn_notify_stop(c);
		while (chan_try_recv(mine, &sig))
			received(k, sig);
		chan_unref(mine);
		if (t_below(&rng, 2))
			garn_sleep(GARN_US(20));
	}
	garn_waitgroup_done(&wg);
}

int main(void)
{
	pthread_t threads[KINDS];
	seed = t_seed();
	senders = KINDS;
	for (int i = 0; i < KINDS; i++) {
		struct sigaction act = { .sa_handler = own, .sa_flags = SA_RESTART | SA_ONSTACK };
		kinds[i].sig = SIGRTMIN + i;
		CHECK_EQ(sigaction(kinds[i].sig, &act, NULL), 0);
		garn_waitgroup_add(&wg, 2);
		go(listens, &kinds[i]);
		CHECK_EQ(pthread_create(&threads[i], NULL, sends, &kinds[i]), 0);
	}
	garn_sleep(t_stress_time());
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	garn_waitgroup_wait(&wg);
	for (int i = 0; i < KINDS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < KINDS; i++)
		CHECK_EQ(arrived(&kinds[i]), kinds[i].sent);
	return 0;
}
