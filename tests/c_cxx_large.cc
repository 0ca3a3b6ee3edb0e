// Arguments over 256 bytes.
// COMPILE: c++17 c++20
// FAILS: go: the function and its arguments are over 256 bytes
#include <garn.h>

struct large {
	char c[250];
};
static void takes(large) {}

void start();
void start()
{
	go(takes, large{});
}
