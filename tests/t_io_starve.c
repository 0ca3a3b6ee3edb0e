// No descriptor is left for an accept: it waits a while, the longer the more often, and fails with EMFILE; a deadline and a close reach it
// meanwhile; when one comes free it goes on as if nothing had been.
#include "io.h"
#include <sys/resource.h>

static garn_waitgroup wg;
static int listener, spare[64], nspare;

static void frees(void)
{
	garn_sleep(GARN_MS(2));
	OK(close(spare[--nspare]));
	garn_waitgroup_done(&wg);
}

static void canceled(void)
{
	for (;;) {
		int r = garn_accept(listener, NULL, NULL);
		CHECK_EQ(r, -1);
		if (errno != EMFILE)
			break;
	}
	CHECK(errno == ECANCELED || errno == EBADF);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	struct sockaddr_in a;
	struct rlimit few = { 64, 64 };
	int p[2];
	char ch;
	OK(pipe(p)); // something to wait for, so that all that is needed for that is there
	OK(garn_set_deadline(p[0], GARN_READ, garn_now() + GARN_MS(1)));
	FAILS(garn_read(p[0], &ch, 1), ETIMEDOUT);
	listener = t_listen(&a);
	int c[3];
	for (int i = 0; i < 3; i++) {
		c[i] = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
		OK(garn_connect(c[i], (struct sockaddr *)&a, sizeof a));
	}
	OK(setrlimit(RLIMIT_NOFILE, &few));
	while ((spare[nspare] = open("/dev/null", O_RDONLY)) >= 0)
		nspare++;
	CHECK_EQ(errno, EMFILE);
	CHECK(nspare > 10);

	for (int i = 0; i < 3; i++) {
		int64_t before = garn_now();
		FAILS(garn_accept(listener, NULL, NULL), EMFILE);
		CHECK(garn_now() - before >= GARN_MS(5 << i));
	}
	OK(garn_set_deadline(listener, GARN_READ, garn_now() + GARN_MS(3)));
	FAILS(garn_accept(listener, NULL, NULL), ETIMEDOUT);
	OK(garn_set_deadline(listener, GARN_READ, 0));
	garn_waitgroup_add(&wg, 1);
	go(frees);
	OK(garn_accept(listener, NULL, NULL));
	garn_waitgroup_wait(&wg);
	FAILS(garn_accept(listener, NULL, NULL), EMFILE);
	garn_waitgroup_add(&wg, 1);
	go(canceled);
	t_settle();
	OK(garn_close(listener));
	garn_waitgroup_wait(&wg);
	return 0;
}
