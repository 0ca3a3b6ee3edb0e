// A channel of something that is more than its bytes.
// COMPILE: c++17 c++20
// FAILS: chan: values are copied as bytes
#include <garn.h>

#include <string>

void start();
void start()
{
	static_cast<void>(chan_make(std::string, 1));
}
