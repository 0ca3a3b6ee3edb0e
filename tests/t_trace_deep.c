// A deep stack: the 50 innermost calls, the 50 outermost, and how many were left out between them; and a stack of
// just so many calls that nothing is left out.
// FLAGS: -O0
// FLAGS: -O2
#include "t_trace.h"

#include <garn.h>

__attribute__((noinline)) static int bottom(chan(int) c)
{
	return chan_recv(c) + 1;
}

__attribute__((noinline)) static int down(chan(int) c, int n)
{
	volatile int x = n > 1 ? down(c, n - 1) : bottom(c);
	return x + 1;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return down(chan_make(int, 0), atoi(argv[1])) + 1;

	struct t_death d = t_die_as("1000", NULL);
	CHECK_EQ(t_lines(d.text, "bottom"), 1);
	CHECK_EQ(t_lines(d.text, "down"), 98);
	CHECK_EQ(t_lines(d.text, "main"), 1);
	CHECK_EQ(t_lines(d.text, "\t"), 100);
	CHECK_EQ(t_number(d.text, "\n..."), 902);
	CHECK_EQ(t_lines(d.text, "...902 frames elided..."), 1);
	free(d.text);

	d = t_die_as("98", NULL);
	CHECK_EQ(t_lines(d.text, "down"), 98);
	CHECK_EQ(t_lines(d.text, "\t"), 100);
	CHECK_EQ(t_lines(d.text, "..."), 0);
	free(d.text);

	d = t_die_as("99", NULL);
	CHECK_EQ(t_lines(d.text, "down"), 98);
	CHECK_EQ(t_lines(d.text, "...1 frames elided..."), 1);
	free(d.text);
	return 0;
}
