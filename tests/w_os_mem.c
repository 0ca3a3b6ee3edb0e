// LINK: os/osinit.c os/futex.c os/mem.c os/thread.c os/cpu.c os/clock.c os/fail.c
// Memory from the Linux port: guards fault and the pages beside them do not; a kernel without markers; mlockall; memory given
// back reads as zero; injected failures.
// SAN: no-address no-thread (handlers of SIGSEGV and mlockall are theirs)
#include "w_os.h"
#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;
static void *volatile faultaddr;

static void onfault(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	faultaddr = si->si_addr;
	siglongjmp(back, 1);
}

static bool faults(volatile char *p, bool write)
{
	faultaddr = NULL;
	if (sigsetjmp(back, 1) != 0) {
		CHECK(faultaddr == (void *)p);
		return true;
	}
	if (write)
		*p = 1;
	else
		(void)*p;
	return false;
}

static void check_guarded(char *p, size_t lo, size_t hi, size_t n)
{
	for (size_t i = 0; i < n; i += PAGE / 2) {
		bool in = i >= lo && i < hi;
		CHECK_EQ(faults(p + i, false), in);
		CHECK_EQ(faults(p + i, true), in);
	}
}

static void guards(enum guardkind expect)
{
	size_t n = 64 * PAGE;
	char *p = os_reserve(n);
	CHECK(p != NULL);
	p[5 * PAGE] = 7; // what is there goes away
	enum guardkind kind = os_guard(p + 4 * PAGE, 8 * PAGE);
	if (expect != GUARD_NONE)
		CHECK_EQ(kind, expect);
	else
		printf("guards are %s\n", kind == GUARD_MARKER ? "markers" : "protected pages");
	CHECK(kind != GUARD_NONE);
	check_guarded(p, 4 * PAGE, 12 * PAGE, n);
	p[20 * PAGE] = 1;
	os_unused(p + 20 * PAGE, PAGE);
	CHECK_EQ(p[20 * PAGE], 0);
	os_munmap(p, n);
	CHECK(faults(p, false));
}

static size_t resident(void)
{
	size_t m, r;
	usage(&m, &r);
	return r;
}

static void memory(void)
{
	size_t before = resident(), n = 4096ul << 20;
	char *p = os_reserve(n);
	CHECK(p != NULL);
	for (size_t i = 0; i < n; i += n / 64)
		p[i] = 1;
	CHECK(resident() - before < 16u << 20); // no huge pages, nothing filled beforehand
	os_munmap(p, n);
	p = os_mmap(3 * PAGE);
	CHECK(p != NULL);
	for (size_t i = 0; i < 3 * PAGE; i++)
		CHECK_EQ(p[i], 0);
	memset(p, 1, 3 * PAGE);
	os_unused(p, 2 * PAGE);
	CHECK_EQ(p[0], 0);
	CHECK_EQ(p[2 * PAGE], 1);
	os_munmap(p, 3 * PAGE);
	CHECK(os_reserve((size_t)1 << 62) == NULL);
	CHECK(os_mmap((size_t)1 << 62) == NULL);
}

// In a child of its own: everything is locked in memory.
static void locked(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
		printf("mlockall is refused here: not looked at\n");
		return;
	}
	size_t before = resident(), n = 256ul << 20;
	char *p = os_reserve(n);
	if (p == NULL) {
		printf("RLIMIT_MEMLOCK is too small: not looked at\n");
		return;
	}
	CHECK(resident() - before < 16u << 20);
	guards(GUARD_NONE);
	char *q = os_mmap(PAGE); // locked, and given back nevertheless
	q[0] = 1;
	os_unused(q, PAGE);
	CHECK_EQ(q[0], 0);
}

// In a child: mappings run out, and that is said once. Markers need none; protected pages need two.
static void unguarded(void)
{
	int fd[2];
	char text[1000];
	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(dup2(fd[1], 2), 2);
	char *p = os_reserve(1u << 30);
	CHECK(p != NULL);
	long none = 0, some = 0;
	for (long i = 0; i < 100000; i++) {
		enum guardkind k = os_guard(p + i * 2 * PAGE, PAGE);
		none += k == GUARD_NONE;
		some += k != GUARD_NONE;
	}
	if (none == 0) {
		printf("guards cost no mapping\n");
		return;
	}
	printf("%ld guards, then none\n", some);
	CHECK(some > 1000);
	ssize_t k = read(fd[0], text, sizeof text - 1);
	CHECK(k > 0);
	text[k] = '\0';
	CHECK(strstr(text, "no longer guarded") != NULL);
	CHECK(strchr(text, '\n') == text + k - 1); // one line
}

// Before 6.13 there are no markers.
static void old_kernel(void)
{
	refuse(SYS_madvise, 102, EINVAL);
	guards(GUARD_PROTECT);
	unguarded();
}

static void failures(void)
{
	static const char *const bad[] = {"mmap", "mmap:", "mmap:0", "mmap:x", "mmap:1,", "mmap:1;", "disk:1", "mmap:1++", ",", "futex:-1"};
	for (size_t i = 0; i < nelem(bad); i++)
		CHECK(!failinit(bad[i]));
	CHECK(failinit(""));
	CHECK(!os_failing(FAIL_MMAP));
	CHECK(failinit("mmap:3,thread:1,futex:2+"));
	for (int i = 1; i < 20; i++) {
		CHECK_EQ(os_failing(FAIL_MMAP), i == 3);
		CHECK_EQ(os_failing(FAIL_THREAD), i == 1);
		CHECK_EQ(os_failing(FAIL_FUTEX), i >= 2);
	}
	CHECK(failinit("mmap:2"));
	void *p = os_mmap(PAGE);
	CHECK(p != NULL);
	CHECK(os_reserve(PAGE) == NULL);
	os_munmap(p, PAGE);
	p = os_mmap(PAGE);
	CHECK(p != NULL);
	os_munmap(p, PAGE);
	CHECK(failinit("thread:1"));
	CHECK_EQ(os_newthread(0, NULL, NULL), EAGAIN);
	uint32_t word = 0;
	int64_t t = t_now();
	CHECK(failinit("futex:1"));
	os_futexsleep(&word, 0, 10000ll * MS);
	CHECK(t_now() - t < 5000ll * MS);
	CHECK(failinit(NULL));
}

int main(void)
{
	osinit();
	struct sigaction sa = {.sa_sigaction = onfault, .sa_flags = SA_SIGINFO | SA_NODEFER};
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	in_child("old_kernel", old_kernel);
	in_child("locked", locked);
	in_child("unguarded", unguarded);
	guards(GUARD_NONE);
	memory();
	failures();
	return 0;
}
