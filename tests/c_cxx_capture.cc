// Neither can a lambda with such a capture.
// COMPILE: c++17 c++20
// FAILS: go: the function and its arguments must be trivially copyable
#include <garn.h>

#include <string>

void start();
void start()
{
	std::string s("gone");
	go([s] { static_cast<void>(s); });
}
