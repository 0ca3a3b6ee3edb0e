// Traces of goroutines that C++ started: their functions, and the function that said go, not the templates in between.
// EXPECT: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [select (no cases)]:
// EXPECT: [chan receive (nil chan)]:
// EXPECT: waiter
// EXPECT: created by
// EXPECT: the_creator
// EXPECT: x_cxx_created.cc:20
#include <garn.h>

__attribute__((noinline)) static void waiter(chan(int) c)
{
	chan_recv(c);
}

__attribute__((noinline)) static void the_creator(int n)
{
	volatile int v = n;
	v = v + 1;
	go(waiter, nullptr);
	v = v + 2;
}

int main()
{
	the_creator(1);
	return chan_select();
}
