/* waitpid: the goroutine waits for a child, the thread does not.
 *
 * waitpid without waiting says at once what there is, and what is wrong. If there is nothing yet, a helper waits until there might be,
 * and leaves the child where it is (WNOWAIT); then we ask again. Another may have taken it meanwhile, then it is the next round's.
 *
 * One child's end a pidfd shows, and the poller can wait for that: no thread is needed. All else (any child of a group, stops and
 * continues) has nothing but the call itself: a thread for each goroutine that waits.
 *
 * Tried and rejected: SIGCHLD, which is the program's; it would have to be taken from it behind its back. */
#include "garn.h"
#include "io/pin.h"
#include "io/work.h"
#include "sched/sched.h"
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

struct waitchild {
	struct work work;
	idtype_t type;
	id_t id;
	int options;
};

static void waitchild(struct work *w)
{
	struct waitchild *wc = (struct waitchild *)w;
	siginfo_t info;
	waitid(wc->type, wc->id, &info, wc->options); /* whatever it says: the caller asks again */
}

static void drop(struct work *w)
{
	free(w);
}

/* Until one of those children may have something to say. 0 or an errno. */
static int byhelper(pid_t pid, int options)
{
	struct waitchild *wc = calloc(1, sizeof *wc);
	if (!wc)
		return ENOMEM;
	wc->work.run = waitchild;
	wc->work.drop = drop;
	wc->type = pid > 0 ? P_PID : pid == -1 ? P_ALL : P_PGID;
	wc->id = (id_t)(pid > 0 ? pid : pid == -1 ? 0 : -(int64_t)pid);
	wc->options = options | WEXITED | WNOWAIT;
	int err = workdo(&children, &wc->work, 0);
	workdrop(&wc->work);
	return err;
}

/* The same for the end of one child. False: not possible. */
static bool bypidfd(pid_t pid, int options)
{
	if (pid <= 0 || options != 0)
		return false;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return false;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool ok = garn_poll(&p, 1, -1) >= 0;
	garn_close(fd);
	return ok;
}

static pid_t waitfor(pid_t pid, int *status, int options)
{
	for (;;) {
		pid_t got = waitpid(pid, status, options | WNOHANG);
		if (got != 0 || (options & WNOHANG))
			return got;
		if (options & __WNOTHREAD) /* children of this thread alone */
			return waitpid(pid, status, options);
		if (bypidfd(pid, options))
			continue;
		int err = byhelper(pid, options);
		if (err != 0) {
			*garn_errno_location() = err;
			return -1;
		}
	}
}

/* Runs on: g, foreign. May park. */
pid_t garn_waitpid(pid_t pid, int *status, int options)
{
	mustgetg();
	bool pinned = pin(status, NULL);
	pid_t got = waitfor(pid, status, options);
	unpin(pinned, status, NULL);
	return got;
}
