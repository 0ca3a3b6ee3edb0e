// main ends by garn_goexit and was the only one.
// EXPECT: fatal error: no goroutines (main called garn_goexit) - deadlock!
// REJECT: goroutine 1
#include <garn.h>

int main(void)
{
	garn_goexit();
}
