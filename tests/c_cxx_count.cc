// The wrong number of arguments.
// COMPILE: c++17 c++20
// FAILS: no matching function
#include <garn.h>

static void takes(int, int) {}

void start();
void start()
{
	go(takes, 1);
}
