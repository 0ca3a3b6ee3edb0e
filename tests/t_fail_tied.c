// A goroutine tied to the only thread waits, and the thread to run the others is refused at that moment, before it is known that
// the only one there is will not run them either. All on one CPU, where the two often come in that order.
// ENV: GARN_TRACEBACK=none
// TIMEOUT: 120
#include "t_fail.h"

static const char *const words[] = { "no memory for a|cannot start a thread", "ulimit -v (RLIMIT_AS)", NULL };

__attribute__((constructor)) static void onecpu(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof set, &set);
}

static void sender(chan(int) c)
{
	for (int i = 0; i < 10; i++) {
		chan_send(c, i);
		if (i % 3 == 1) // not after the last: main may be on its way out then, with the right answer
			garn_sleep(GARN_US(10));
	}
}

static void child(void)
{
	alarm(T_SCALE > 1 ? 200 : 50);
	garn_lock_os_thread();
	chan(int) c = chan_make(int, 0);
	go(sender, c);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(chan_recv(c), i);
	chan_unref(c);
	CHECK_EQ(write(1, "right\n", 6), 6);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		child();
		return 0;
	}
	// Which mapping is the new thread's depends on many things: try all that may be.
	for (int round = 0; round < (T_SCALE > 1 ? 1 : 8); round++)
		for (int n = 4; n < 24; n += T_SCALE > 1 ? 2 : 1)
			fail_nth("mmap", n, "+", words);
	return 0;
}
