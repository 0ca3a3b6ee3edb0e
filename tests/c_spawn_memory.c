// A result over 16 bytes would be written into the frame of whoever said go.
// COMPILE: c11 c23
// FAILS: returned through memory
#include <garn.h>

struct large {
	long v[3];
};
struct large f(void);
void start(void);

void start(void)
{
	go(f);
}
