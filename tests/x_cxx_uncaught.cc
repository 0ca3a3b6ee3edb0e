// An exception that nobody catches ends the process as in a thread, naming its type; the trace has the goroutine
// and the function that threw, as no frame was left before.
// STATUS: 134
// EXPECT: terminate called after throwing an instance of 'std::runtime_error'
// EXPECT: what():  nobody's
// EXPECT: fatal error: unexpected signal SIGABRT
// EXPECT: goroutine
// EXPECT: thrower
// SAN: no-address no-thread (no trace there)
#include <garn.h>

#include <stdexcept>

__attribute__((noinline)) static void thrower(int n)
{
	if (n > 0)
		throw std::runtime_error("nobody's");
}

int main()
{
	go(thrower, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
