// An argument that does not convert.
// COMPILE: c++17 c++20
// FAILS: no (known )?(matching|conversion)|cannot convert|no matching function
#include <garn.h>

static void takes(int *) {}

void start();
void start()
{
	double d = 1;
	go(takes, &d);
}
