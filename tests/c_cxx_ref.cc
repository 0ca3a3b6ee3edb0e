// A parameter that could change a variable of the caller: std::ref or a pointer says that it is meant.
// COMPILE: c++17 c++20
// FAILS: for a parameter that is a reference: std::ref
#include <garn.h>

static void takes(int &n)
{
	n++;
}

void start();
void start()
{
	int n = 0;
	go(takes, n);
}
