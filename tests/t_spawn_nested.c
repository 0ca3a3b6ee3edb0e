// gcc's nested functions in goroutines: as callbacks, and started by go while the function around them waits. Their
// addresses are small pieces of code on the stack, so the program asks for stacks that can be executed.
// FLAGS: -O0 -Wl,--no-warn-execstack
// FLAGS: -O2 -Wl,--no-warn-execstack
#include "test.h"

#include <garn.h>

#ifdef __clang__
int main(void)
{
	SKIP("clang has no nested functions");
}
#else

static int sum(int n, int (*f)(int))
{
	return n == 0 ? 0 : f(n) + sum(n - 1, f);
}

static void user(chan(int) out, int by)
{
	__extension__ int times(int x) { return x * by; }
	int (*volatile f)(int) = times;
	for (int i = 0; i < 10; i++) {
		chan_send(out, sum(4, f));
		by++;
	}
}

int main(void)
{
	chan(int) out = chan_make(int, 0);
	int n = 0;
	garn_waitgroup wg = { 0 };
	__extension__ void add(int by)
	{
		n += by;
		garn_waitgroup_done(&wg);
	}
	void (*volatile f)(int) = add;
	for (int i = 0; i < 100; i++) {
		garn_waitgroup_add(&wg, 1);
		go(f, i);
		garn_waitgroup_wait(&wg);
		garn_waitgroup_add(&wg, 1);
		go(add, i);
		garn_waitgroup_wait(&wg);
	}
	CHECK_EQ(n, 9900);
	go(user, out, 3);
	for (int i = 3; i < 13; i++)
		CHECK_EQ(chan_recv(out), 10 * i);
	chan_unref(out);
	return 0;
}
#endif
