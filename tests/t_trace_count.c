// As many goroutines are dumped as garn_num_goroutines says, each with its number once, in order; after many were
// made and ended, and with nothing of the library among them.
// TIMEOUT: 120
#include "t_trace.h"

#include <garn.h>

enum { MANY = T_SCALED(3000) };

static chan(int) c, started;

static void waits(void)
{
	chan_send(started, 1);
	chan_recv(c);
}

static void ends(void)
{
	chan_send(started, 1);
}

static void die(void)
{
	c = chan_make(int, 0);
	started = chan_make(int, 0);
	for (int i = 0; i < MANY; i++) {
		if (i % 3 == 0)
			go(waits);
		else
			go(ends);
		if (i % 64 == 63)
			for (int j = 0; j < 64; j++)
				chan_recv(started);
	}
	for (int j = 0; j < MANY % 64; j++)
		chan_recv(started);
	garn_sleep(GARN_MS(100)); // those that end have ended
	fprintf(stderr, "count %d\n", garn_num_goroutines());
}

static void check(const struct t_death *d, const char *first)
{
	long count = t_number(d->text, "count "), last = 0;
	int n = 0;
	CHECK(WIFEXITED(d->status) && WEXITSTATUS(d->status) == 2);
	CHECK_EQ(count, 1 + (MANY + 2) / 3);
	CHECK_EQ(t_lines(d->text, "goroutine "), count);
	CHECK_EQ(t_lines(d->text, "waits"), count - 1);
	CHECK_EQ(t_lines(d->text, "created by die in goroutine 1"), count - 1);
	CHECK(strstr(d->text, first) != NULL);
	for (const char *l = d->text; (l = strstr(l, "\ngoroutine ")) != NULL; l++, n++) {
		long id = t_number(l, "\ngoroutine ");
		CHECK(id > last);
		last = id;
	}
	CHECK_EQ(n, count);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		die();
		if (strcmp(argv[1], "deadlock") == 0)
			chan_recv(c);
		chan_close((chan(int))NULL);
	}
	struct t_death d = t_die_as("deadlock", "GARN_TRACEBACK=single");
	check(&d, "goroutine 1 [chan receive]:");
	free(d.text);
	d = t_die_as("panic", "GARN_TRACEBACK=all");
	check(&d, "goroutine 1 [running]:");
	free(d.text);
	return 0;
}
