// An argument with a copy constructor of its own cannot be carried as bytes.
// COMPILE: c++17 c++20
// FAILS: go: the function and its arguments must be trivially copyable
#include <garn.h>

#include <string>

static void takes(const std::string &) {}

void start();
void start()
{
	go(takes, std::string("gone"));
}
