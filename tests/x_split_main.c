// Goroutine 1, below a function of libc's and a callback: the limit that is named is its own, and the advice too.
// FLAGS: -fsplit-stack
// SAN: no-address no-thread (what runs into the guard in libc is the sanitizer's to report)
// EXPECT: runtime: goroutine stack exceeds
// EXPECT: fatal error: stack overflow
// EXPECT: (the stack of main is as large as ulimit -s says
// EXPECT: goroutine 1 [running]:
// EXPECT: compare
// EXPECT: main
#include "t_split.h"

ALONE static int compare(const void *a, const void *b)
{
	int v[100];
	for (int i = 0; i < 100; i++)
		v[i] = 100 - i;
	qsort(v, 100, sizeof v[0], compare);
	return *(const int *)a - *(const int *)b + v[0];
}

int main(void)
{
	int v[2] = { 2, 1 };
	qsort(v, 2, sizeof v[0], compare);
	return v[0];
}
