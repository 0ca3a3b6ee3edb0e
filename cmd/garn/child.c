// Running the compiler and the program.
//
// The program should not notice that the tool stands between it and the shell: it shares our process
// group, so what the terminal sends reaches it directly; what somebody sends to the tool alone is
// passed on; and the tool ends as the program ended, by the same signal or with the same status.
#include "tool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
#include <unistd.h>

static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGCONT };
enum { NPASSED = sizeof passed_on / sizeof passed_on[0] };

static struct sigaction before[NPASSED], before_chld;
static volatile pid_t child;
static volatile sig_atomic_t came; // a signal that arrived while no child was there to have it
static char *temp;

// si_code > 0 means the kernel sent it, for the terminal: the child has its own copy.
static void pass_on(int sig, siginfo_t *info, void *context)
{
	int saved = errno;
	pid_t pid = child;

	(void)context;
	if (pid > 0) {
		if (info->si_code <= 0 && info->si_pid != pid)
			kill(pid, sig);
	} else if (sig != SIGWINCH && sig != SIGCONT) {
		came = sig;
	}
	errno = saved;
}

static void catch_signals(void)
{
	static bool done;
	struct sigaction sa = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction chld = { .sa_handler = SIG_DFL };

	if (done)
		return;
	done = true;
	sigemptyset(&sa.sa_mask);
	for (int i = 0; i < NPASSED; i++) {
		sigaction(passed_on[i], NULL, &before[i]);
		// Under nohup a hangup stays ignored.
		if (before[i].sa_handler != SIG_IGN)
			sigaction(passed_on[i], &sa, NULL);
	}
	// With SIGCHLD ignored there would be no status to wait for.
	sigaction(SIGCHLD, &chld, &before_chld);
}

static int start_and_wait(char **argv, bool to_stderr, int err)
{
	sigset_t all, old;
	int status;
	pid_t pid, parent = getpid();

	catch_signals();
	fflush(NULL);
	// No signal between fork and the note of its result, or one would be lost.
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	pid = fork();
	if (pid < 0)
		die("cannot start %s: %s", argv[0], strerror(errno));
	if (pid == 0) {
		for (int i = 0; i < NPASSED; i++)
			sigaction(passed_on[i], &before[i], NULL);
		sigaction(SIGCHLD, &before_chld, NULL);
		// Killed outright, the tool takes the program along.
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127);
		if (to_stderr)
			dup2(2, 1);
		if (err >= 0)
			dup2(err, 2);
		sigprocmask(SIG_SETMASK, &old, NULL);
		execvp(argv[0], argv);
		fprintf(stderr, "garn: cannot run %s: %s\n", argv[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	child = pid;
	if (came)
		kill(pid, came);
	sigprocmask(SIG_SETMASK, &old, NULL);

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("cannot wait for %s: %s", argv[0], strerror(errno));
	child = 0;
	return status;
}

int run_child(char **argv)
{
	return start_and_wait(argv, false, -1);
}

int run_child_to_stderr(char **argv)
{
	return start_and_wait(argv, true, -1);
}

int run_child_noting(char **argv, int fd)
{
	return start_and_wait(argv, false, fd);
}

void end_like(int status)
{
	temp_remove();
	fflush(NULL);
	if (WIFSIGNALED(status)) {
		int sig = WTERMSIG(status);
		struct rlimit none = { 0, 0 };
		sigset_t set;

		setrlimit(RLIMIT_CORE, &none); // the program has left its own core
		signal(sig, SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, sig);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		kill(getpid(), sig);
		exit(128 + sig);
	}
	exit(WEXITSTATUS(status));
}

char *temp_folder(void)
{
	const char *dir = getenv("TMPDIR");

	catch_signals();
	temp = format("%s/garn-XXXXXX", dir != NULL && *dir != '\0' ? dir : "/tmp");
	if (mkdtemp(temp) == NULL) {
		char *name = temp;
		temp = NULL;
		die("cannot make the temporary folder %s: %s (TMPDIR says where)", name, strerror(errno));
	}
	return temp;
}

// One level deep: the compiler leaves files there, no folders.
void temp_remove(void)
{
	DIR *d;
	struct dirent *e;

	if (temp == NULL)
		return;
	d = opendir(temp);
	while (d != NULL && (e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(temp);
	temp = NULL;
}
