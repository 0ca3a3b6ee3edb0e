// A kernel that refuses markers by its own word, as those before Linux 6.13 do, and not by a switch in the library.
// EMBED
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: guard p
// EXPECT: fatal error: stack overflow
// EXPECT: t_recurse
// REJECT: no longer guarded
#define _GNU_SOURCE 1
#include "t_brink.h"
#include "t_guard.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static void refuse(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 102, 0, 1), // MADV_GUARD_INSTALL
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof code / sizeof code[0], code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) != 0)
		SKIP("no seccomp filters here");
}

static void worker(void)
{
	fprintf(stderr, "guard %c\n", t_guardkind());
	t_recurse(1);
}

static int start(int argc, char **argv)
{
	(void)argv;
	go(worker);
	garn_sleep(GARN_S(10));
	return argc;
}

int main(int argc, char **argv)
{
	refuse();
	return garn_run(start, argc, argv);
}
