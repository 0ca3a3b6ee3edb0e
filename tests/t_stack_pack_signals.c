// Packing and SIGSEGV: channels wake who is packed from a thread that blocks all signals; and when the program takes SIGSEGV for itself, what is packed
// is put back and nothing more is packed, until it gives it back.
// ENV: GARN_PACK=5
// SAN: no-address no-thread (nothing is packed under them)
#include "t_pack.h"
#include <signal.h>

static garn_chan_of(long) in, out;
static long *volatile place;
static uint32_t done;

static void receiver(void)
{
	long here = 5;
	place = &here;
	here += chan_recv(in);
	CHECK_EQ(here, 17);
	ADD(done, 1);
}

static void closed(void)
{
	long here = 5;
	place = &here;
	CHECK(!chan_recv_ok(in, &here));
	CHECK_EQ(here, 0);
	ADD(done, 1);
}

static void sender(void)
{
	long here = 23;
	place = &here;
	chan_send(out, here);
	CHECK_EQ(here, 23);
	ADD(done, 1);
}

static void selecter(void)
{
	long here = 1, there = 2;
	place = &here;
	CHECK_EQ(chan_select(on_recv(out, &there), on_recv(in, &here)), 1);
	CHECK_EQ(here, 12);
	CHECK_EQ(there, 2);
	ADD(done, 1);
}

static void start(void (*fn)(void))
{
	place = NULL;
	go(fn);
	while (!place)
		garn_yield();
	t_await_packed(place);
}

static void masked(void)
{
	sigset_t all, old;
	garn_lock_os_thread();
	sigfillset(&all);
	for (int i = 0; i < 4; i++) {
		static void (*const fns[])(void) = { receiver, sender, selecter, closed };
		start(fns[i]);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		if (i == 1)
			CHECK_EQ(chan_recv(out), 23);
		else if (i == 3)
			chan_close(in);
		else
			chan_send(in, 12);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		t_await(&done, i + 1);
	}
	garn_unlock_os_thread();
}

static void mine(int sig)
{
	(void)sig;
	static const char text[] = "a fault came to the program\n";
	if (write(2, text, sizeof text - 1) >= 0)
		_exit(1);
}

static void taken(void)
{
	struct sigaction act, old;
	memset(&act, 0, sizeof act);
	act.sa_handler = mine;
	in = garn_make(long, 0);
	start(receiver);
	long *first = place;
	CHECK_EQ(sigaction(SIGSEGV, &act, &old), 0);
	while (t_packed(first))
		garn_sleep(GARN_MS(20));
	CHECK_EQ(*first, 5);
	chan_send(in, 12);
	t_await(&done, 5);
	place = NULL;
	go(receiver);
	while (!place)
		garn_yield();
	garn_sleep(GARN_MS(200)); // whether it is packed wrongly takes time to show
	CHECK(!t_packed(place));
	CHECK_EQ(sigaction(SIGSEGV, &old, NULL), 0);
	chan_send(in, 12);
	t_await(&done, 6);
	start(receiver);
	chan_send(in, 12);
	t_await(&done, 7);
}

int main(void)
{
	t_need_packing();
	in = garn_make(long, 0);
	out = garn_make(long, 0);
	masked();
	taken();
	return 0;
}
