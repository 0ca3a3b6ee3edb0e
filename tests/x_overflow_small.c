// A goroutine with the smallest stack: its limit is what is said.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: runtime: goroutine stack exceeds 65536-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: garn_set_max_stack
// EXPECT: go_with
// EXPECT: "small" [running]:
// EXPECT: t_recurse
// EXPECT: frames elided...
// EXPECT: created by main
#include "t_brink.h"

int main(void)
{
	go_with(garn_attr(.stack = GARN_KB(16), .name = "small"), t_recurse, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
