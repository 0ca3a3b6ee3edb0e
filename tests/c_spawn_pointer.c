// A pointer to another type draws the warning of a plain call.
// COMPILE: c11 c23
// FAILS: incompatible
#include <garn.h>

void f(int *);
void start(double *p);

void start(double *p)
{
	go(f, p);
}
