// While all processors are busy with goroutines that only yield, or only send each other values, those whose descriptors are ready, and
// whose deadlines pass, get their turn.
#include "io.h"

static int stop;
static garn_waitgroup wg;

static bool over(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

static void yields(void)
{
	while (!over())
		garn_yield();
	garn_waitgroup_done(&wg);
}

static void ping(chan(int) a, chan(int) b)
{
	int x;
	while (chan_recv_ok(a, &x) && !over())
		chan_send(b, x);
	chan_close(b);
	while (chan_recv_ok(a, &x))
		;
	garn_waitgroup_done(&wg);
}

static void echoes(int fd)
{
	char c;
	while (OK(garn_read(fd, &c, 1)) == 1)
		CHECK_EQ(garn_write(fd, &c, 1), 1);
	OK(garn_close(fd));
	garn_waitgroup_done(&wg);
}

int main(void)
{
	int p[2], q[2];
	char c;
	int busy = 2 * garn_gomaxprocs(0);
	t_unixpair(p);
	t_unixpair(q);
	garn_waitgroup_add(&wg, 1 + 2 * busy);
	for (int i = 0; i < busy; i++)
		go(yields);
	for (int i = 0; i < busy / 2; i++) {
		chan(int) a = chan_make(int, 1), b = chan_make(int, 1);
		chan_send(a, 1);
		go(ping, a, b);
		go(ping, b, a);
	}
	go(echoes, p[1]);
	for (int i = 0; i < 20; i++) {
		c = (char)i;
		CHECK_EQ(garn_write(p[0], &c, 1), 1);
		CHECK_EQ(garn_read(p[0], &c, 1), 1);
		CHECK_EQ(c, (char)i);
	}
	for (int i = 0; i < 5; i++) {
		OK(garn_set_deadline(q[0], GARN_READ, garn_now() + GARN_US(100)));
		FAILS(garn_read(q[0], &c, 1), ETIMEDOUT);
	}
	OK(garn_close(p[0]));
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	garn_waitgroup_wait(&wg);
	return 0;
}
