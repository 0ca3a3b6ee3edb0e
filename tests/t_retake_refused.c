// No thread to be had but the first: a goroutine that loses its processor to others, for whom there is no thread, gets
// it back, and in the end they run as well.
// ENV: GARN_FAIL=thread:3+
#include "t_retake.h"

static garn_waitgroup wg;

static void other(void)
{
	garn_waitgroup_done(&wg);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	int v;
	garn_waitgroup_add(&wg, 10);
	for (int i = 0; i < 10; i++)
		go(other);
	for (int64_t end = t_now() + 300000000; t_now() < end;)
		CHECK(!chan_try_recv(c, &v));
	garn_waitgroup_wait(&wg);
	chan_unref(c);
	return 0;
}
