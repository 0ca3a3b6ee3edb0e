// Whatever would leave the stack of the thread, in a function run by garn_on_thread_stack, dies by name.
// FLAGS: -DHOW=0
// FLAGS: -DHOW=1
// FLAGS: -DHOW=2
// FLAGS: -DHOW=3
// FLAGS: -DHOW=4
// FLAGS: -DHOW=5
// FLAGS: -DHOW=6
// EXPECT: fatal error: garn
// EXPECT: called in a function run by garn_on_thread_stack: return from that function first
// EXPECT: goroutine 1 [running
// EXPECT: onthread
// EXPECT: x_proc_threadstack.c
// EXPECT: main
#include "test.h"

#include <garn.h>

static chan(int) c;
static garn_mutex mu;
static garn_waitgroup wg;

__attribute__((noinline)) static void onthread(void *arg)
{
	(void)arg;
	switch (HOW) {
	case 0: chan_recv(c); break;
	case 1: chan_send(c, 1); break;
	case 2: garn_mutex_lock(&mu); break;
	case 3: garn_waitgroup_wait(&wg); break;
	case 4: garn_sleep(GARN_MS(1)); break;
	case 5: garn_yield(); break;
	case 6: garn_goexit();
	}
	printf("went on\n");
}

int main(void)
{
	c = chan_make(int, 0);
	garn_mutex_lock(&mu);
	garn_waitgroup_add(&wg, 1);
	garn_on_thread_stack(onthread, NULL);
	return 0;
}
