// The second of three kinds of guards: protected pages, where the kernel refuses markers. An overflow is caught.
// ENV: GARN_FAIL=guard:1+
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: guard p
// EXPECT: runtime: goroutine stack exceeds 196608-byte limit
// EXPECT: fatal error: stack overflow
// EXPECT: [running]:
// EXPECT: t_recurse
// EXPECT: frames elided...
// REJECT: no longer guarded
#include "t_brink.h"
#include "t_guard.h"

static void worker(void)
{
	fprintf(stderr, "guard %c\n", t_guardkind());
	t_recurse(1);
}

int main(void)
{
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
