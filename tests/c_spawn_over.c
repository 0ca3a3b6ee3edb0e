// Arguments over 256 bytes in all.
// COMPILE: c11 c23
// FAILS: go: arguments over 256 bytes
#include <garn.h>

struct large {
	char c[252];
};
void f(struct large, int);
void start(struct large *p);

void start(struct large *p)
{
	go(f, *p, 1);
}
