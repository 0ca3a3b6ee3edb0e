// Who made a goroutine: the function and the line of the go, also through inlined functions and when the go
// is the last thing a function does. With one P, as each P numbers from a batch of its own, and under HARD main is moved
// between its gos.
// PROCS: 1
// FLAGS: -O0
// FLAGS: -O2
// ENV: GARN_TRACEBACK=all
// EXPECT: panic: send on closed channel
// EXPECT: goroutine 1 [running]:
// EXPECT: main
// EXPECT: goroutine 2 [chan receive]:
// EXPECT: sleeper
// EXPECT: created by from_main in goroutine 1
// EXPECT: x_trace_created.c:38 +0x
// EXPECT: goroutine 3 [chan receive]:
// EXPECT: sleeper
// EXPECT: created by inlined in goroutine 1
// EXPECT: x_trace_created.c:43
// EXPECT: [chan receive]:
// EXPECT: sleeper
// EXPECT: created by nested in goroutine 4
// EXPECT: x_trace_created.c:48 +0x
// REJECT: src/sched/
// REJECT: src/sync/
// REJECT: src/core/
#include <garn.h>

static chan(int) c, up;

static void sleeper(void)
{
	chan_send(up, 1);
	chan_recv(c);
}

__attribute__((noinline)) static void from_main(void)
{
	go(sleeper);
}

__attribute__((always_inline)) static inline void inlined(void)
{
	go(sleeper);
}

static void nested(void)
{
	go(sleeper);
}

int main(void)
{
	c = chan_make(int, 0);
	up = chan_make(int, 0);
	from_main();
	inlined();
	go(nested);
	for (int i = 0; i < 3; i++)
		chan_recv(up);
	garn_sleep(GARN_MS(20));
	chan_close(up);
	chan_send(up, 1);
	return 0;
}
