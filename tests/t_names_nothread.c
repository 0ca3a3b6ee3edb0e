// No thread to be had: lookups, waits for children and notifications say so, and nobody hangs. What needs no thread works.
// ENV: GARN_FAIL=thread:3+
// PROCS: 1
#include "test.h"

#include <garn.h>
#include <netdb.h>
#include <signal.h>
#include <sys/wait.h>

int main(void)
{
	struct addrinfo *ai;
	for (int i = 0; i < 3; i++) {
		errno = 0;
		CHECK_EQ(garn_getaddrinfo("localhost", "1", NULL, &ai), EAI_SYSTEM);
		CHECK_EQ(errno, EAGAIN);
		CHECK_EQ(garn_getaddrinfo("127.0.0.1", "1", NULL, &ai), 0);
		freeaddrinfo(ai);
		errno = 0;
		CHECK(garn_notify(SIGUSR1) == NULL);
		CHECK_EQ(errno, EAGAIN);
		pid_t pid = fork();
		if (pid == 0) {
			pause();
			_exit(1);
		}
		int status;
		errno = 0;
		CHECK_EQ(garn_waitpid(-1, &status, 0), -1);
		CHECK_EQ(errno, EAGAIN);
		kill(pid, SIGKILL);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
	}
	return 0;
}
