// Regular files: read and written whole, at the end and past it, by many goroutines at once at places of their own; opened with and
// without a mode; a deadline is nothing to them; directories and missing names fail as they should.
#include "io.h"

enum { BLOCK = 10000, WORKERS = 16 };

static garn_waitgroup wg;
static char name[64];

static void writes(int fd, int i)
{
	char buf[BLOCK];
	memset(buf, 'a' + i, sizeof buf);
	CHECK_EQ(garn_pwrite(fd, buf, BLOCK, (off_t)i * BLOCK), BLOCK);
	memset(buf, 0, sizeof buf);
	CHECK_EQ(garn_pread(fd, buf, BLOCK, (off_t)i * BLOCK), BLOCK);
	for (int k = 0; k < BLOCK; k++)
		CHECK_EQ(buf[k], 'a' + i);
	OK(garn_fsync(fd));
	garn_waitgroup_done(&wg);
}

static void appends(int fd, int i)
{
	char line[32];
	int n = snprintf(line, sizeof line, "%08d\n", i);
	CHECK_EQ(garn_write(fd, line, (size_t)n), n);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	char buf[BLOCK];
	struct stat st;
	snprintf(name, sizeof name, "/tmp/garn-t-io-file-%d", getpid());
	FAILS(garn_open(name, O_RDONLY), ENOENT);
	int fd = (int)OK(garn_open(name, O_RDWR | O_CREAT | O_EXCL, 0640));
	OK(fstat(fd, &st));
	CHECK_EQ(st.st_mode & 0777 & ~0027, 0640);
	FAILS(garn_open(name, O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
	garn_waitgroup_add(&wg, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		go(writes, fd, i);
	garn_waitgroup_wait(&wg);
	for (int i = 0; i < WORKERS; i++) {
		CHECK_EQ(garn_read(fd, buf, BLOCK), BLOCK);
		CHECK_EQ(buf[0], 'a' + i);
		CHECK_EQ(buf[BLOCK - 1], 'a' + i);
	}
	CHECK_EQ(garn_read(fd, buf, BLOCK), 0);
	CHECK_EQ(garn_pread(fd, buf, BLOCK, WORKERS * BLOCK - 10), 10);
	CHECK_EQ(garn_pread(fd, buf, BLOCK, WORKERS * BLOCK), 0);
	OK(garn_set_deadline(fd, GARN_READ, 0));
	OK(garn_close(fd));

	fd = (int)OK(garn_open(name, O_RDWR | O_TRUNC));
	garn_waitgroup_add(&wg, 200);
	for (int i = 0; i < 200; i++)
		go(appends, fd, i);
	garn_waitgroup_wait(&wg);
	bool seen[200] = { false };
	OK(lseek(fd, 0, SEEK_SET));
	for (int i = 0; i < 200; i++) {
		CHECK_EQ(garn_read(fd, buf, 9), 9);
		buf[8] = '\0';
		CHECK(!seen[atoi(buf)]);
		seen[atoi(buf)] = true;
	}
	OK(garn_close(fd));
	OK(unlink(name));

	fd = (int)OK(garn_open("/tmp", O_RDONLY));
	FAILS(garn_read(fd, buf, 1), EISDIR);
	OK(garn_close(fd));
	FAILS(garn_open("/tmp", O_RDWR), EISDIR);
	int p[2];
	OK(pipe(p));
	FAILS(garn_pread(p[0], buf, 1, 0), ESPIPE);
	FAILS(garn_pwrite(p[1], buf, 1, 0), ESPIPE);
	CHECK(garn_fsync(p[0]) == -1 && errno == EINVAL);
	FAILS(garn_fsync(900), EBADF);
	return 0;
}
