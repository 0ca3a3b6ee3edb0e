// A read that would have to wait before the runtime is up.
// EMBED
// EXPECT: fatal error: garn: waiting before the runtime is up
#include "io.h"

int main(void)
{
	int p[2];
	char c = 'x';
	OK(pipe(p));
	CHECK_EQ(garn_write(p[1], &c, 1), 1); // need not wait
	CHECK_EQ(garn_read(p[0], &c, 1), 1);
	garn_read(p[0], &c, 1);
	return 0;
}
