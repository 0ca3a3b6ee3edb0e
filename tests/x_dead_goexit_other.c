// main ended by garn_goexit, another one waits for ever: that one is shown, main is not.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: [chan receive]:
// EXPECT: other
// EXPECT: created by main in goroutine 1
// REJECT: goroutine 1 [
#include <garn.h>

static void other(chan(int) c)
{
	chan_recv(c);
}

int main(void)
{
	go(other, chan_make(int, 0));
	garn_goexit();
}
