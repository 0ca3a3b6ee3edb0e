// For tests in which the kernel refuses a call from some moment on.
#ifndef T_SECCOMP_H
#define T_SECCOMP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 // so this comes first
#endif
#include "test.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

// All threads of this process, from now on, get EPERM for this system call, if its fourth argument has one of these bits; 0: always. Skips the test where
// that cannot be had.
__attribute__((unused)) static void t_refuse_flag(int call, unsigned bits)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3])),
		BPF_JUMP(bits ? BPF_JMP | BPF_JSET | BPF_K : BPF_JMP | BPF_JA, bits, 0, bits ? 1 : 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof insns / sizeof insns[0], insns };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prog) != 0)
		SKIP("no seccomp filters here");
}

__attribute__((unused)) static void t_refuse(int call)
{
	t_refuse_flag(call, 0);
}

#endif
