// Signals as values: each of the usual ones; one for many listeners; a full channel drops; real-time signals are counted; in a
// select; what cannot be caught is refused; what was there before comes back.
#include "test.h"

#include <garn.h>
#include <signal.h>

static volatile sig_atomic_t handled;

static void own(int sig)
{
	handled = sig;
}

static void sethandler(int sig, void (*fn)(int))
{
	struct sigaction act = { .sa_handler = fn };
	CHECK_EQ(sigaction(sig, &act, NULL), 0);
}

static void (*nowhandler(int sig))(int)
{
	struct sigaction act;
	CHECK_EQ(sigaction(sig, NULL, &act), 0);
	return act.sa_handler;
}

static void each(void)
{
	const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGUSR2, SIGWINCH, SIGPIPE, SIGQUIT, SIGALRM, SIGTSTP,
		             SIGCONT, SIGURG, SIGRTMIN, SIGRTMIN + 5, SIGRTMAX };
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		void (*before)(int) = nowhandler(sigs[i]);
		chan(int) c = garn_notify(sigs[i]);
		CHECK(c != NULL);
		for (int k = 0; k < 3; k++) {
			int s = errno = 1234;
			CHECK_EQ(k == 1 ? kill(getpid(), sigs[i]) : raise(sigs[i]), 0);
			CHECK_EQ(errno, s);
			CHECK_EQ(chan_recv(c), sigs[i]);
		}
		CHECK_EQ(chan_select(on_recv(c, &(int){ 0 }), on_default), 1);
		garn_notify_stop(c);
		CHECK(nowhandler(sigs[i]) == before);
	}
}

static void many(void)
{
	enum { N = 5 };
	chan(int) c[N], other = garn_notify(SIGUSR2);
	for (int i = 0; i < N; i++)
		c[i] = garn_notify(SIGUSR1);
	raise(SIGUSR1);
	for (int i = N; i-- > 0;)
		CHECK_EQ(chan_recv(c[i]), SIGUSR1);
	garn_notify_stop(c[2]);
	garn_notify_stop(c[0]);
	raise(SIGUSR1);
	CHECK_EQ(chan_recv(c[1]), SIGUSR1);
	CHECK_EQ(chan_recv(c[3]), SIGUSR1);
	CHECK_EQ(chan_recv(c[4]), SIGUSR1);
	garn_notify_stop(c[4]);
	garn_notify_stop(c[1]);
	garn_notify_stop(c[3]);
	CHECK_EQ(chan_len(other), 0);
	garn_notify_stop(other);
	garn_notify_stop(NULL);
}

// After the stop everything that came before it is on the channel, or was dropped.
static void full(int sig, int n, int want)
{
	chan(int) c = garn_notify(sig), mine = chan_ref(c);
	for (int i = 0; i < n; i++)
		CHECK_EQ(raise(sig), 0);
	garn_notify_stop(c);
	CHECK_EQ(chan_len(mine), want);
	for (int i = 0; i < want; i++)
		CHECK_EQ(chan_recv(mine), sig);
	sethandler(sig, own);
	handled = 0;
	raise(sig);
	CHECK_EQ(handled, sig);
	CHECK_EQ(chan_len(mine), 0);
	sethandler(sig, SIG_DFL);
	chan_unref(mine);
}

static void ofselect(void)
{
	chan(int) a = garn_notify(SIGINT), b = garn_notify(SIGTERM);
	int got = 0;
	raise(SIGTERM);
	CHECK_EQ(chan_select(on_recv(a, &got), on_recv(b, &got), on_timeout(GARN_S(3600))), 1);
	CHECK_EQ(got, SIGTERM);
	raise(SIGINT);
	CHECK_EQ(chan_select(on_recv(a, &got), on_recv(b, &got), on_timeout(GARN_S(3600))), 0);
	CHECK_EQ(got, SIGINT);
	CHECK_EQ(chan_select(on_recv(a, &got), on_recv(b, &got), on_timeout(GARN_MS(5))), 2);
	garn_notify_stop(a);
	garn_notify_stop(b);
}

// One that is closed by the listener gets nothing more, and does no harm.
static void closed(void)
{
	chan(int) c = garn_notify(SIGUSR1), d = garn_notify(SIGUSR1);
	chan_close(c);
	raise(SIGUSR1);
	CHECK_EQ(chan_recv(d), SIGUSR1);
	CHECK(!chan_recv_ok(c, &(int){ 0 }));
	garn_notify_stop(c);
	garn_notify_stop(d);
}

static void refused(void)
{
	const int sigs[] = { SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, 0, -1, 32, 33, 65, 1000000 };
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		errno = 0;
		CHECK(garn_notify(sigs[i]) == NULL);
		CHECK_EQ(errno, EINVAL);
	}
}

static void before(void)
{
	chan(int) c;
	sethandler(SIGHUP, SIG_IGN);
	c = garn_notify(SIGHUP);
	raise(SIGHUP);
	CHECK_EQ(chan_recv(c), SIGHUP);
	garn_notify_stop(c);
	CHECK(nowhandler(SIGHUP) == SIG_IGN);
	CHECK_EQ(raise(SIGHUP), 0);
	sethandler(SIGHUP, own);
	c = garn_notify(SIGHUP);
	handled = 0;
	raise(SIGHUP);
	CHECK_EQ(chan_recv(c), SIGHUP);
	CHECK_EQ(handled, 0);
	garn_notify_stop(c);
	raise(SIGHUP);
	CHECK_EQ(handled, SIGHUP);
	// One that the program installs meanwhile is its own, and stays.
	c = garn_notify(SIGHUP);
	sethandler(SIGHUP, SIG_IGN);
	garn_notify_stop(c);
	CHECK(nowhandler(SIGHUP) == SIG_IGN);
}

int main(void)
{
	for (int round = 0; round < 3; round++) {
		each();
		many();
		full(SIGUSR1, 3, 1);
		full(SIGRTMIN + 1, 10, 10);
		full(SIGRTMIN + 2, 70, 64);
		ofselect();
		closed();
		refused();
		before();
	}
	return 0;
}
