// Children have the dispositions that there were before garn_notify: made by fork, by vfork, by posix_spawn; and the parent does not
// hear what comes to them.
#include "test.h"

#include <garn.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int waitfor(pid_t pid)
{
	int status;
	CHECK(pid > 0);
	while (waitpid(pid, &status, 0) < 0)
		CHECK_EQ(errno, EINTR);
	return status;
}

static void diesby(int status, int sig)
{
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), sig);
}

static void forked(int sig, void (*was)(int))
{
	pid_t pid = fork();
	if (pid == 0) {
		struct sigaction now;
		sigaction(sig, NULL, &now);
		if (now.sa_handler != was)
			_exit(3);
		kill(getpid(), sig);
		_exit(was == SIG_IGN ? 4 : 5);
	}
	int status = waitfor(pid);
	if (was == SIG_DFL)
		diesby(status, sig);
	else
		CHECK_EQ(WEXITSTATUS(status), 4);
}

// Its memory is ours: the handler finds out that the process is not.
static void vforked(int sig)
{
#if !defined(GARN_TSAN) // vfork is fork there
	pid_t pid = vfork();
	if (pid == 0) {
		kill(getpid(), sig);
		_exit(5);
	}
	diesby(waitfor(pid), sig);
#endif
	(void)sig;
}

static void spawned(const char *name, int sig)
{
	pid_t pid;
	char cmd[64], sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, cmd, NULL };
	snprintf(cmd, sizeof(cmd), "kill -%s $$; exit 5", name);
	CHECK_EQ(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ), 0);
	diesby(waitfor(pid), sig);
}

int main(void)
{
	chan(int) a = garn_notify(SIGUSR1), b = garn_notify(SIGTERM);
	signal(SIGUSR2, SIG_IGN);
	chan(int) d = garn_notify(SIGUSR2);
	for (int i = 0; i < 10; i++) {
		forked(SIGUSR1, SIG_DFL);
		forked(SIGTERM, SIG_DFL);
		forked(SIGUSR2, SIG_IGN);
		vforked(SIGUSR1);
		vforked(SIGTERM);
		spawned("USR1", SIGUSR1);
		spawned("TERM", SIGTERM);
		CHECK_EQ(chan_len(a) + chan_len(b) + chan_len(d), 0);
		raise(SIGUSR1);
		CHECK_EQ(chan_recv(a), SIGUSR1);
	}
	garn_notify_stop(a);
	garn_notify_stop(b);
	garn_notify_stop(d);
	return 0;
}
