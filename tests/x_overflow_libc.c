// Overflow deep inside libc's code, called again and again from a comparison.
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: fatal error: stack overflow
// EXPECT: [running]:
// EXPECT: frames elided...
// EXPECT: compare
// EXPECT: worker
#include "test.h"

#include <garn.h>

static int compare(const void *a, const void *b)
{
	int v[200];
	for (int i = 0; i < 200; i++)
		v[i] = 200 - i;
	qsort(v, 200, sizeof v[0], compare);
	return *(const int *)a - *(const int *)b + v[0];
}

static void worker(int n)
{
	int v[2] = { n, 1 };
	qsort(v, 2, sizeof v[0], compare);
	printf("%d\n", v[0]);
}

int main(void)
{
	go(worker, 2);
	garn_sleep(GARN_S(10));
	return 0;
}
