// Goroutines that compute for ever and never call garn, 1 and then 8: a ticker goes on beside them, and so does main. So do
// channels, starts and locks.
#include "t_retake.h"

static void hog(void)
{
	volatile uint64_t n = 0;
	for (;;)
		n++;
}

static void add(chan(int) c, int v)
{
	chan_send(c, v);
}

static void all(void)
{
	static garn_mutex mu;
	chan(int) c = chan_make(int, 0);
	int sum = 0;
	for (int i = 0; i < 100; i++)
		go(add, c, i);
	for (int i = 0; i < 100; i++) {
		garn_mutex_lock(&mu);
		sum += chan_recv(c);
		garn_mutex_unlock(&mu);
	}
	CHECK_EQ(sum, 4950);
	chan_unref(c);
}

int main(void)
{
	go(t_ticking);
	t_ticks(3);
	go(hog);
	t_ticks(TICKS);
	all();
	for (int i = 1; i < 8; i++)
		go(hog);
	t_ticks(TICKS);
	all();
	t_die(0); // the hogs go on
}
