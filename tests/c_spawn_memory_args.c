// The same with arguments and attributes.
// COMPILE: c11 c23
// FAILS: returned through memory
#include <garn.h>

struct large {
	char c[17];
};
struct large f(int, double);
void start(void);

void start(void)
{
	go_with(garn_attr(.name = "f"), f, 1, 2);
}
