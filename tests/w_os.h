// What the tests of the Linux port share: children of their own for what cannot be undone, an old kernel, the memory in use.
#ifndef W_OS_H
#define W_OS_H

#define _GNU_SOURCE 1
#include "os/os.h"
#include "base/atomic.h"
#include "os/internal.h"
#include "test.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { PAGE = 4096, MS = 1000000 };

__attribute__((unused)) static void usage(size_t *mapped, size_t *resident)
{
	char text[256];
	CHECK(readfile("/proc/self/statm", text, sizeof text) > 0);
	CHECK(sscanf(text, "%zu %zu", mapped, resident) == 2);
	*mapped *= PAGE;
	*resident *= PAGE;
}

__attribute__((unused)) static void in_child(const char *name, void (*fn)(void))
{
	int status;
	fflush(stdout);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		fn();
		t_die(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (status != 0) {
		fprintf(stderr, "%s: status %#x\n", name, status);
		t_die(1);
	}
}

// The system call nr with this third argument fails from now on, as on an old kernel: had by a filter.
__attribute__((unused)) static void refuse(uint32_t nr, uint32_t arg2, int err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arg2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {nelem(code), code};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) != 0) {
		printf("no seccomp here: an old kernel is not looked at\n");
		t_die(0);
	}
}

#endif
