// The dump of all goroutines while others run on: they are not stopped for it, so any of them may be walked in the
// middle of a change. The dump must come to its end, and the program with it.
// SAN: no-address no-thread (a walk that went astray is caught by our own SIGSEGV handler; the sanitizer has that signal)
// ENV: GARN_TRACEBACK=all
// EXPECT: panic: close of nil channel
// EXPECT: goroutine 1 [running]:
// EXPECT: main
// EXPECT: goroutine
// EXPECT: created by main in goroutine 1
// REJECT: died again
#include "test.h"

#include <garn.h>

static void ping(chan(int) in, chan(int) out)
{
	int v;
	while (chan_recv_ok(in, &v))
		chan_send(out, v + 1);
}

static void once(chan(int) c)
{
	chan_send(c, 1);
}

static int deep(chan(int) c, int n)
{
	return n > 0 ? deep(c, n - 1) + 1 : chan_recv(c);
}

// Goroutines that come and go, with stacks now deep, now flat.
static void churn(void)
{
	for (int i = 0;; i++) {
		chan(int) c = chan_make(int, 0);
		go(once, c);
		deep(c, i % 50);
		chan_unref(c);
	}
}

int main(void)
{
	chan(int) first = chan_make(int, 1), c = first;
	for (int i = 0; i < 50; i++) {
		chan(int) next = i == 49 ? first : chan_make(int, 0);
		go(ping, c, next);
		c = next;
	}
	for (int i = 0; i < 20; i++)
		go(churn);
	chan_send(first, 1);
	garn_sleep(GARN_MS(20));
	chan_close((chan(int))NULL);
	return 0;
}
