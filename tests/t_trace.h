// For the tests of traces: run this program once more, as another process that dies, and read what it says.
#ifndef T_TRACE_H
#define T_TRACE_H

#include "test.h"

#include <spawn.h>
#include <sys/wait.h>

struct t_death {
	char *text; // all of its standard error
	int status; // as waitpid gives it
};

extern char **environ;

// Runs this program with one argument, and `more` (NAME=VALUE, may be null) before its environment.
__attribute__((unused)) static struct t_death t_die_as(const char *how, const char *more)
{
	struct t_death d;
	posix_spawn_file_actions_t fa;
	char *argv[] = { "test", (char *)how, NULL }, **envp;
	size_t n = 0, have = 0, room = 1 << 16;
	int fds[2];
	pid_t pid;
	ssize_t got;

	while (environ[n])
		n++;
	envp = calloc(n + 2, sizeof envp[0]);
	memcpy(envp + (more != NULL), environ, n * sizeof envp[0]);
	if (more != NULL)
		envp[0] = (char *)more;
	CHECK(pipe(fds) == 0);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fds[1], 2);
	posix_spawn_file_actions_addclose(&fa, fds[0]);
	CHECK(posix_spawn(&pid, "/proc/self/exe", &fa, NULL, argv, envp) == 0);
	posix_spawn_file_actions_destroy(&fa);
	close(fds[1]);
	d.text = malloc(room + 1);
	while ((got = read(fds[0], d.text + have, room - have)) > 0) {
		have += (size_t)got;
		if (have == room)
			d.text = realloc(d.text, (room *= 2) + 1);
	}
	d.text[have] = '\0';
	close(fds[0]);
	CHECK(waitpid(pid, &d.status, 0) == pid);
	free(envp);
	return d;
}

// How many lines of the text begin with s.
__attribute__((unused)) static int t_lines(const char *text, const char *s)
{
	int n = 0;
	for (const char *l = text; l != NULL && *l; l = strchr(l, '\n') ? strchr(l, '\n') + 1 : NULL)
		n += strncmp(l, s, strlen(s)) == 0;
	return n;
}

// The number behind the first `s` in the text.
__attribute__((unused)) static long t_number(const char *text, const char *s)
{
	const char *at = strstr(text, s);
	return at != NULL ? strtol(at + strlen(s), NULL, 10) : -1;
}

#endif
