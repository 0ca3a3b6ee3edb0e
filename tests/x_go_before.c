// go before the runtime is up.
// EMBED
// EXPECT: fatal error: go: the runtime is not up
// EXPECT: [not a goroutine]:
// EXPECT: main
// EXPECT: x_go_before.c:15
#include <garn.h>

static void nothing(void)
{
}

int main(void)
{
	go(nothing);
	return 0;
}
