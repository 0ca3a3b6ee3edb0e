// main returns while another goroutine is at its last words (they are slow: the pipe is full): they are said, and the status is theirs.
#include "t_self.h"
#include "t_sync.h"

static uint32_t begun;
static garn_mutex mu;

static void bad(void)
{
	SET(begun, 1);
	garn_mutex_unlock(&mu);
}

static int child(void)
{
	alarm(T_SCALE > 1 ? 200 : 50);
	garn_gomaxprocs(2); // one is taken by the goroutine that dies
	go(bad);
	t_await(&begun, 1);
	for (int calm = 0; calm < 4; calm = t_all_asleep() ? calm + 1 : 0)
		usleep(100);
	return 0;
}

// A pipe into which nothing more goes; how much is in it.
static size_t fullpipe(int fds[2])
{
	static const char junk[4096];
	size_t n = 0;
	CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
	CHECK_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	for (ssize_t k; (k = write(fds[1], junk, sizeof junk)) > 0;)
		n += (size_t)k;
	CHECK_EQ(fcntl(fds[1], F_SETFL, 0), 0);
	return n;
}

int main(int argc, char **argv)
{
	char exe[] = "/proc/self/exe", arg[] = "child";
	char *av[] = { exe, arg, NULL };
	static char out[1 << 17];
	int fds[2], wstatus = 0;
	pid_t pid, got = 0;
	posix_spawn_file_actions_t acts;

	(void)argv;
	if (argc > 1)
		return child();
	size_t junk = fullpipe(fds);
	CHECK_EQ(posix_spawn_file_actions_init(&acts), 0);
	posix_spawn_file_actions_adddup2(&acts, fds[1], 2);
	CHECK_EQ(posix_spawn(&pid, exe, &acts, NULL, av, environ), 0);
	posix_spawn_file_actions_destroy(&acts);
	close(fds[1]);
	// Time for it to do it wrong.
	for (int i = 0; i < 200 && got == 0; i++) {
		usleep(1000);
		got = waitpid(pid, &wstatus, WNOHANG);
	}
	for (size_t n; junk > 0; junk -= n) {
		n = junk < sizeof out ? junk : sizeof out;
		ssize_t k = read(fds[0], out, n);
		CHECK(k > 0);
		n = (size_t)k;
	}
	t_readall(fds[0], out, sizeof out);
	if (got == 0)
		CHECK_EQ(waitpid(pid, &wstatus, 0), pid);
	CHECK_EQ(t_status(wstatus), 2);
	CHECK(strncmp(out, "fatal error: ", 13) == 0);
	return 0;
}
