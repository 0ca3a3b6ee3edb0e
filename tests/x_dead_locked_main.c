// Main is tied to the first thread and ends: that thread stays, asleep, and does not stand against the verdict.
// TIMEOUT: 20
// EXPECT: fatal error: no goroutines (main called garn_goexit) - deadlock!
// STATUS: 2
#include <garn.h>

int main(void)
{
	garn_lock_os_thread();
	garn_goexit();
}
