// assert and abort: the trace says in which goroutine, the status is abort's.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 134
// EXPECT: Assertion
// EXPECT: fatal error: unexpected signal SIGABRT: abort (pc=0x
// EXPECT: [running]:
// EXPECT: checker
// EXPECT: x_fault_abort.c:16
// EXPECT: created by main in goroutine 1
#undef NDEBUG
#include <assert.h>
#include <garn.h>

static void checker(int n)
{
	assert(n == 2);
}

int main(void)
{
	go(checker, 1);
	garn_sleep(GARN_S(10));
	return 0;
}
