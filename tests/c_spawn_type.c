// An argument of another type: as in a plain call.
// COMPILE: c11 c23
// FAILS: incompatible
#include <garn.h>

struct a {
	int i;
};
struct b {
	int i;
};
void f(struct a);
void start(struct b x);

void start(struct b x)
{
	go(f, x);
}
