// A chain of 10,000 goroutines (1,000 in slow builds), each with a channel to the left and one to the right: a
// value passes through all of them, several are under way at a time, and closing one end takes the chain down.
#include "t_sync.h"

enum { LINKS = T_SCALED(10000), VALUES = 5 };

static void add_one(chan(int) left, chan(int) right)
{
	int v;
	while (chan_recv_ok(right, &v))
		chan_send(left, v + 1);
	chan_close(left);
	chan_unref(left);
	chan_unref(right);
}

static void chain(int cap)
{
	int before = garn_num_goroutines(), v;
	chan(int) leftmost = chan_make(int, cap), left = chan_ref(leftmost);
	for (int i = 0; i < LINKS; i++) {
		chan(int) right = chan_make(int, cap);
		go(add_one, left, chan_ref(right));
		left = right;
	}
	CHECK_EQ(garn_num_goroutines(), before + LINKS);
	for (int i = 0; i < VALUES; i++)
		chan_send(left, 1000 * i);
	for (int i = 0; i < VALUES; i++)
		CHECK_EQ(chan_recv(leftmost), 1000 * i + LINKS);
	chan_close(left);
	CHECK(!chan_recv_ok(leftmost, &v));
	chan_unref(left);
	chan_unref(leftmost);
	for (int i = 0; garn_num_goroutines() > before; i++)
		t_rest(i);
	CHECK_EQ(garn_num_goroutines(), before);
}

int main(void)
{
	chain(0);
	chain(1);
	chain(0);
	return 0;
}
