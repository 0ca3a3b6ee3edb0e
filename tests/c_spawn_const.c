// A pointer that would lose its const too.
// COMPILE: c11 c23
// FAILS: discards
#include <garn.h>

void f(char *);
void start(const char *p);

void start(const char *p)
{
	go(f, p);
}
