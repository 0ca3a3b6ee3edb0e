// garn inside a program that keeps its own main.
//
//   make
//   cc -Iinclude -o embed examples/embed.c build/libgarn.a -pthread && ./embed
//
// (`garn run` makes main itself a goroutine; this one is compiled without it. With garn installed:
// cc -o embed embed.c $(pkg-config --cflags --libs garn).)
//
// What to look at: garn_run starts the runtime, runs one function as goroutine 1, and returns what it returns, once
// in a process. The caller is an ordinary thread before, meanwhile and after.
#include <garn.h>

#include <stdio.h>

enum { PARTS = 10, NUMBERS = 100000 };

static void part(chan(long) sums, long from, long to)
{
	long sum = 0;
	for (long i = from; i < to; i++)
		sum += i;
	chan_send(sums, sum);
}

// Goroutine 1: shares the work out. The result is small, so it goes back as the exit status would.
static int add_up(int argc, char **argv)
{
	(void)argc;
	chan(long) sums = chan_make(long, 0);
	for (long i = 0; i < PARTS; i++)
		go(part, sums, i * (NUMBERS / PARTS), (i + 1) * (NUMBERS / PARTS));
	long sum = 0;
	for (int i = 0; i < PARTS; i++)
		sum += chan_recv(sums);
	chan_unref(sums);
	printf("%s: goroutine %d, sum %ld\n", argv[0], (int)garn_goid(), sum);
	return sum == (long)NUMBERS * (NUMBERS - 1) / 2 ? 0 : 1;
}

int main(void)
{
	char name[] = "add_up";
	char *arguments[] = { name, NULL };
	printf("before: goroutine %d\n", (int)garn_goid());
	int status = garn_run(add_up, 1, arguments);
	printf("after: goroutine %d, status %d\n", (int)garn_goid(), status);
	return status;
}
