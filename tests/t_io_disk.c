// Files that are not in memory, read by many goroutines at once, by all the calls, while others compute; with and without
// O_DIRECT; past the end; from arrays of buffers. Each byte is right. The program runs itself again with io_uring refused, and with no
// thread for it.
#include "io.h"
#include <spawn.h>
#include <sys/wait.h>

enum { BLOCK = 4096, BLOCKS = 256, WORKERS = 32, ROUNDS = 5, TAIL = 100 };

extern char **environ;
static garn_waitgroup wg;
static char name[64];
static bool over;

static unsigned char byte(size_t at)
{
	return (unsigned char)(at * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

static void right(const unsigned char *p, size_t n, size_t at)
{
	for (size_t i = 0; i < n; i++)
		CHECK_EQ(p[i], byte(at + i));
}

static void make(void)
{
	size_t size = BLOCK * BLOCKS + TAIL;
	unsigned char *p = malloc(size);
	for (size_t i = 0; i < size; i++)
		p[i] = byte(i);
	int fd = (int)OK(garn_open(name, O_RDWR | O_CREAT | O_TRUNC, 0600));
	CHECK_EQ(garn_write(fd, p, size), (ssize_t)size);
	OK(garn_fsync(fd));
	OK(garn_close(fd));
	free(p);
}

static void *aligned(size_t n)
{
	void *p = NULL;
	CHECK_EQ(posix_memalign(&p, BLOCK, n), 0);
	return p;
}

// At places of his own choice, of a descriptor that all have.
static void reads(int fd, uint64_t seed)
{
	struct t_rng r = t_rng(seed, 1);
	unsigned char *p = aligned(4 * BLOCK);
	for (int i = 0; i < T_SCALED(ROUNDS); i++) {
		size_t n = (1 + t_below(&r, 4)) * BLOCK, at = t_below(&r, BLOCKS - 4) * BLOCK;
		posix_fadvise(fd, (off_t)at, (off_t)n, POSIX_FADV_DONTNEED);
		CHECK_EQ(garn_pread(fd, p, n, (off_t)at), (ssize_t)n);
		right(p, n, at);
	}
	free(p);
	garn_waitgroup_done(&wg);
}

// From the beginning to the end, in several buffers at once.
static void readsall(int flags)
{
	int fd = (int)OK(garn_open(name, O_RDONLY | flags));
	unsigned char *p = aligned(8 * BLOCK);
	struct iovec v[3] = { { p, BLOCK }, { p + BLOCK, 2 * BLOCK }, { p + 3 * BLOCK, 4 * BLOCK } };
	size_t at = 0;
	ssize_t n;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	while ((n = at % 2 || at > BLOCK * BLOCKS / 2 ? garn_read(fd, p, 7 * BLOCK) : garn_readv(fd, v, 3)) > 0) {
		right(p, (size_t)n, at);
		at += (size_t)n;
		CHECK(n == 7 * BLOCK || at == BLOCK * BLOCKS + TAIL);
	}
	CHECK_EQ(n, 0);
	CHECK_EQ(at, BLOCK * BLOCKS + TAIL);
	CHECK_EQ(garn_pread(fd, p, BLOCK, BLOCK * BLOCKS), TAIL);
	CHECK_EQ(garn_pread(fd, p, BLOCK, BLOCK * (BLOCKS + 1)), 0);
	FAILS(garn_pread(fd, p, BLOCK, -1), EINVAL);
	OK(garn_close(fd));
	free(p);
	garn_waitgroup_done(&wg);
}

static void computes(void)
{
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED))
		garn_yield();
	garn_waitgroup_done(&wg);
}

static void readfiles(int flags)
{
	int fd = garn_open(name, O_RDONLY | flags);
	if (fd < 0 && errno == EINVAL && flags) {
		printf("%s is on a file system without O_DIRECT\n", name);
		return;
	}
	OK(fd);
	over = false;
	garn_waitgroup_add(&wg, WORKERS + 4);
	for (int i = 0; i < WORKERS; i++)
		go(reads, fd, (uint64_t)i);
	for (int i = 0; i < 4; i++)
		go(readsall, flags);
	garn_waitgroup_wait(&wg);
	garn_waitgroup_add(&wg, 1);
	go(computes);
	garn_waitgroup_add(&wg, 1);
	go(reads, fd, UINT64_C(99));
	garn_sleep(GARN_MS(1));
	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
	garn_waitgroup_wait(&wg);
	OK(garn_close(fd));
}

static void again(char **argv, const char *fail)
{
	char *args[] = { argv[0], "child", NULL };
	pid_t pid;
	int status;
	OK(setenv("GARN_FAIL", fail, 1));
	CHECK_EQ(posix_spawn(&pid, argv[0], NULL, NULL, args, environ), 0);
	CHECK_EQ(garn_waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

int main(int argc, char **argv)
{
	snprintf(name, sizeof name, "/var/tmp/garn-t-io-disk-%d", getpid());
	make();
	readfiles(0);
	readfiles(O_DIRECT);
	OK(unlink(name));
	if (argc == 1) {
		again(argv, "uring:1+");
		again(argv, "thread:4+");
		again(argv, "eventfd:1+");
	}
	return 0;
}
