// In a forked child: a read that would have to wait.
// STATUS: 3
// EXPECT: fatal error: garn: in a forked child: only exec and _exit may be called there
#include "io.h"
#include <sys/wait.h>

int main(void)
{
	int p[2], status;
	char c;
	OK(pipe(p));
	pid_t pid = fork();
	if (pid == 0) {
		garn_read(p[0], &c, 1);
		_exit(9);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	return 3;
}
