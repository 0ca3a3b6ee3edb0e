// Where stacks cannot be packed GARN_PACK says so, once, and the program runs on.
// EMBED
// ENV: GARN_PACK=5 GARN_FAIL=guard:1+
// SAN: no-address no-thread (another reason is given)
// STATUS: 0
// EXPECT: garn: GARN_PACK: no stack is packed: the kernel has no guard markers
#define _GNU_SOURCE 1
#include "t_pack.h"

static garn_sem gate;
static int file, err; // in standard error's place, and it

static void waits(void)
{
	garn_sem_acquire(&gate);
	garn_sem_release(&gate);
}

static int start(int argc, char **argv)
{
	garn_stats s;
	go_with(garn_attr(.pack = true), waits);
	garn_sleep(GARN_MS(50));
	dup2(err, 2);
	garn_read_stats(&s);
	CHECK_EQ(s.packed.ever, 0);
	garn_sem_release(&gate);
	(void)argv;
	return argc - 1;
}

int main(int argc, char **argv)
{
	char said[4000] = "", *first;
	CHECK((file = memfd_create("said", 0)) >= 0 && (err = dup(2)) >= 0 && dup2(file, 2) == 2);
	int status = garn_run(start, argc, argv);
	CHECK(pread(file, said, sizeof said - 1, 0) > 0);
	fputs(said, stderr);
	CHECK((first = strstr(said, "GARN_PACK")) && !strstr(first + 1, "GARN_PACK"));
	return status;
}
