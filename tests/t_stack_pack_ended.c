// A goroutine that ends while a call has a buffer on its stack: those who have its descriptor and its stack after it are packed as any other.
// ENV: GARN_PACK=5
// PROCS: 1
// SAN: no-address no-thread no-hard (nothing is packed under them; a fresh stack for each)
#include "t_pack.h"
#include <unistd.h>

static garn_chan_of(int) gate;
static int fd[2];
static uint32_t reading, running, done;

struct place {
	char buf[64];
};
static struct place *first, *place[2];

static void reads(struct place *at)
{
	ADD(reading, 1);
	CHECK_EQ(garn_read(fd[0], at->buf, sizeof at->buf), 5);
	ADD(done, 1);
}

// The same frame for the one that ends too early and for those after it, who do not mind what is written there.
__attribute__((noinline)) static void has_buffer(int n)
{
	struct place mine;
	memset(&mine, 0, sizeof mine);
	if (n < 0) {
		first = &mine;
		go(reads, &mine);
		t_await(&reading, 1);
	} else {
		place[n] = &mine;
		ADD(running, 1);
	}
	chan_recv(gate);
	ADD(done, 1);
}

static void await_packed(struct place *at)
{
	int64_t began = t_now();
	while (!t_packed(at)) {
		CHECK(t_now() - began < GARN_S(20));
		garn_sleep(GARN_MS(5));
	}
}

int main(void)
{
	t_need_packing();
	CHECK_EQ(pipe(fd), 0);
	gate = garn_make(int, 0);
	go(has_buffer, -1);
	t_await(&reading, 1);
	t_settle();
	chan_send(gate, 1);
	t_await(&done, 1);
	garn_yield();
	go(has_buffer, 0); // the descriptor
	go(has_buffer, 1); // the stack: it runs first
	t_await(&running, 2);
	if (place[1] != first)
		SKIP("its stack was given away meanwhile");
	CHECK_EQ(garn_write(fd[1], "12345", 5), 5);
	t_await(&done, 2);
	await_packed(place[0]);
	await_packed(place[1]);
	chan_send(gate, 1);
	chan_send(gate, 1);
	t_await(&done, 4);
	return 0;
}
