// GARN_TRACEBACK: none, single (the default), all, system, and what is none of these. A deadlock shows all
// goroutines whatever the level, but for none.
#include "t_trace.h"

#include <garn.h>

static chan(int) c;

static void other(void)
{
	chan_recv(c);
	garn_yield();
}

static void die(const char *how)
{
	chan(int) d = chan_make(int, 0);
	c = chan_make(int, 0);
	go(other);
	garn_sleep(GARN_MS(20));
	if (strcmp(how, "deadlock") == 0)
		chan_recv(d);
	chan_close(d);
	chan_close(d);
}

static void check(const char *how, const char *level, int mine, int others)
{
	struct t_death d = t_die_as(how, level);
	CHECK(WIFEXITED(d.status) && WEXITSTATUS(d.status) == 2);
	CHECK_EQ(t_lines(d.text, strcmp(how, "deadlock") == 0 ? "fatal error: all goroutines are asleep - deadlock!"
	                                                      : "panic: close of closed channel"), 1);
	CHECK_EQ(t_lines(d.text, strcmp(how, "deadlock") == 0 ? "goroutine 1 [chan receive]:" : "goroutine 1 [running]:"), mine);
	CHECK_EQ(t_lines(d.text, "goroutine 2 [chan receive]:"), others);
	CHECK_EQ(t_lines(d.text, "other"), others);
	CHECK_EQ(t_lines(d.text, "goroutine "), mine + others);
	CHECK_EQ(t_lines(d.text, "goexit"), strcmp(level, "GARN_TRACEBACK=system") == 0 ? mine + others : 0);
	free(d.text);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		die(argv[1]);
	check("panic", "GARN_TRACEBACK=none", 0, 0);
	check("panic", "GARN_TRACEBACK=single", 1, 0);
	check("panic", "GARN_TRACEBACK=nonsense", 1, 0);
	check("panic", "NOTHING=", 1, 0);
	check("panic", "GARN_TRACEBACK=all", 1, 1);
	check("panic", "GARN_TRACEBACK=system", 1, 1);
	check("deadlock", "GARN_TRACEBACK=none", 0, 0);
	check("deadlock", "GARN_TRACEBACK=single", 1, 1);
	check("deadlock", "GARN_TRACEBACK=system", 1, 1);
	return 0;
}
