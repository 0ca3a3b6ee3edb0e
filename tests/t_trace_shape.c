// The exact shape of a report: what precedes what, where the empty lines are, tabs, no frame too many.
#include "t_trace.h"

#include <fnmatch.h>
#include <garn.h>

__attribute__((noinline)) static void inner(chan(int) c)
{
	chan_recv(c);
	__asm__ volatile("");
}

static void outer(chan(int) c)
{
	inner(c);
	__asm__ volatile("");
}

// Takes the next line off *text, and compares it with a pattern as the shell's.
static void line(char **text, const char *want)
{
	char *l = *text, *end = strchr(l, '\n');
	if (end == NULL) {
		fprintf(stderr, "the report ends before: %s\n", want);
		t_die(1);
	}
	*end = '\0';
	*text = end + 1;
	if (fnmatch(want, l, 0) != 0)
		CHECK_STR(l, want);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		chan(int) c = chan_make(int, 0);
		go_with(garn_attr(.name = "one"), outer, c);
		garn_sleep(GARN_MS(20));
		chan_close((chan(int))NULL);
	}
	(void)argv;
	struct t_death d = t_die_as("x", "GARN_TRACEBACK=all");
	char *t = d.text;
	line(&t, "panic: close of nil channel");
	line(&t, "");
	line(&t, "goroutine 1 \\[running]:");
	line(&t, "main");
	line(&t, "\t*t_trace_shape.c:39 +0x*");
	line(&t, "");
	line(&t, "goroutine 2 \"one\" \\[chan receive]:");
	line(&t, "inner");
	line(&t, "\t*t_trace_shape.c:9 +0x*");
	line(&t, "outer");
	line(&t, "\t*t_trace_shape.c:15 +0x*");
	line(&t, "created by main in goroutine 1");
	line(&t, "\t*t_trace_shape.c:37 +0x*");
	CHECK_STR(t, "");
	free(d.text);
	return 0;
}
