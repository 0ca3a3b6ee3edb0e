/* What must be known before the first thread of ours: injected failures, the process's start state, membarrier. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "os/internal.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef RUNNING_ON_VALGRIND
#define RUNNING_ON_VALGRIND 0
#endif

/* The numbers of linux/membarrier.h, which old systems lack. */
enum { QUERY = 0, PRIVATE_EXPEDITED = 1 << 3, REGISTER_PRIVATE_EXPEDITED = 1 << 4 };

/* Registration is nearly free while the process has one thread, and costs 7 ms later. */
static bool membarrier_works(void)
{
	if (RUNNING_ON_VALGRIND)
		return false;
	long can = syscall(SYS_membarrier, QUERY, 0, 0);
	if (can < 0 || (can & PRIVATE_EXPEDITED) == 0 || (can & REGISTER_PRIVATE_EXPEDITED) == 0)
		return false;
	return syscall(SYS_membarrier, REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0 &&
	       syscall(SYS_membarrier, PRIVATE_EXPEDITED, 0, 0) == 0;
}

/* Runs on: the first thread to use garn, once, before any other thread does. Never parks. */
void osinit(void)
{
	int saved = errno;
	if (!failinit(secure_getenv("GARN_FAIL"))) {
		static const char msg[] = "garn: GARN_FAIL is not understood: expected NAME:N, with commas, NAME one of mmap thread futex epoll epollctl eventfd accept uring guard protect\n";
		failinit(NULL);
		os_write(2, msg, sizeof msg - 1);
	}
	threadinit();
	asym_slow = !membarrier_works();
	errno = saved;
}
