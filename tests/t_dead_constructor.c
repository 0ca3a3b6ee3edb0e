// A thread that a constructor started, before the runtime was up, may call as any other: while it is there, and only it can
// wake main, nobody says deadlock.
// SAN: no-thread (there such a thread is taken for one of TSan's)
#include "t_sync.h"

static chan(int) late;
static uint32_t up;

static void *thread(void *arg)
{
	while (!GET(up))
		usleep(1000);
	usleep(200000); // all are asleep meanwhile, and the verdict is sought
	chan_send(late, 7);
	return arg;
}

__attribute__((constructor)) static void early(void)
{
	pthread_t t;
	CHECK_EQ(pthread_create(&t, NULL, thread, NULL), 0);
	pthread_detach(t);
}

int main(void)
{
	late = chan_make(int, 0);
	SET(up, 1);
	CHECK_EQ(chan_recv(late), 7);
	return 0;
}
