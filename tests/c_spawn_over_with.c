// The same with attributes; one argument alone.
// COMPILE: c11 c23
// FAILS: go: arguments over 256 bytes
#include <garn.h>

struct large {
	char c[257];
};
void f(struct large);
void start(struct large *p);

void start(struct large *p)
{
	go_with((garn_attr){ .name = "f" }, f, *p);
}
