// The first of three kinds of guards: markers, which Linux has since 6.13. They cost no mapping, and an overflow is caught.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: guard m
// EXPECT: fatal error: stack overflow
// EXPECT: t_recurse
#include "t_brink.h"
#include "t_guard.h"

#include <sys/mman.h>

static void worker(void)
{
	fprintf(stderr, "guard %c\n", t_guardkind());
	t_recurse(1);
}

int main(void)
{
	char *p = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (madvise(p, 4096, 102) != 0)
		SKIP("this kernel has no guard markers");
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
