// An alignment the copy does not have.
// COMPILE: c++17 c++20
// FAILS: go: an argument with an alignment over 16 bytes
#include <garn.h>

struct alignas(32) wide {
	char c[32];
};
static void takes(wide) {}

void start();
void start()
{
	go(takes, wide{});
}
