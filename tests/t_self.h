// For tests that run themselves again, with another environment or to see themselves die.
#ifndef T_SELF_H
#define T_SELF_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 // so this comes first
#endif
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

// The status of a process as a shell says it: 128 and the signal for one that was killed.
__attribute__((unused)) static int t_status(int wstatus)
{
	return WIFEXITED(wstatus) ? WEXITSTATUS(wstatus) : 128 + WTERMSIG(wstatus);
}

// Read all of fd as a string; what does not fit is dropped.
__attribute__((unused)) static void t_readall(int fd, char *buf, size_t size)
{
	size_t n = 0;
	for (;;) {
		char more[512];
		ssize_t got = read(fd, more, sizeof(more));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got && n + 1 < size; i++)
			buf[n++] = more[i];
	}
	buf[n] = '\0';
}

// Run this program with one argument and env (a list that ends with NULL; it comes before ours); its status, and what it wrote on
// either output. The one at the other end had better call alarm: here nobody watches the clock.
__attribute__((unused)) static int t_self(const char *arg, const char *const *env, char *out, size_t size)
{
	char exe[] = "/proc/self/exe";
	char *argv[] = { exe, (char *)arg, NULL };
	char *envp[512];
	size_t n = 0;
	int fds[2], wstatus;
	pid_t pid;
	posix_spawn_file_actions_t acts;

	for (; env != NULL && *env != NULL && n < 16; env++)
		envp[n++] = (char *)*env;
	for (char **e = environ; *e != NULL && n < 511; e++)
		envp[n++] = *e;
	envp[n] = NULL;
	CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
	CHECK_EQ(posix_spawn_file_actions_init(&acts), 0);
	posix_spawn_file_actions_adddup2(&acts, fds[1], 1);
	posix_spawn_file_actions_adddup2(&acts, fds[1], 2);
	CHECK_EQ(posix_spawn(&pid, exe, &acts, NULL, argv, envp), 0);
	posix_spawn_file_actions_destroy(&acts);
	close(fds[1]);
	t_readall(fds[0], out, size);
	close(fds[0]);
	while (waitpid(pid, &wstatus, 0) < 0)
		CHECK_EQ(errno, EINTR);
	return t_status(wstatus);
}

#endif
