// What waits for the disk is in no deadlock; and what served those who did stands against none, for long.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [
#include "io.h"

static garn_waitgroup wg;
static char name[64];

static void reads(int fd, int i)
{
	void *p;
	CHECK_EQ(posix_memalign(&p, 4096, 4096), 0);
	for (int k = 0; k < 20; k++) {
		off_t at = (off_t)((i * 20 + k) % 64) * 4096;
		posix_fadvise(fd, at, 4096, POSIX_FADV_DONTNEED);
		CHECK_EQ(garn_pread(fd, p, 4096, at), 4096);
	}
	free(p);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	char block[4096] = { 0 };
	snprintf(name, sizeof name, "garn-x-dead-disk-%d", getpid());
	int fd = (int)OK(garn_open(name, O_RDWR | O_CREAT, 0600));
	for (int i = 0; i < 64; i++)
		CHECK_EQ(garn_write(fd, block, sizeof block), (ssize_t)sizeof block);
	OK(garn_fsync(fd));
	garn_waitgroup_add(&wg, 16);
	for (int i = 0; i < 16; i++)
		go(reads, fd, i);
	garn_waitgroup_wait(&wg);
	OK(unlink(name));
	garn_waitgroup_add(&wg, 1);
	garn_waitgroup_wait(&wg); // nobody comes
	return 0;
}
