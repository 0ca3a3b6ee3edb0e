// A goroutine's name stands in its header.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
// EXPECT: "parser" [chan send]:
// EXPECT: parse
#include <garn.h>

static void parse(chan(int) c)
{
	chan_send(c, 1);
}

int main(void)
{
	go_with(garn_attr(.name = "parser"), parse, chan_make(int, 0));
	return chan_recv(chan_make(int, 0));
}
