// Processes started by goroutines: fork with exec or _exit, vfork, posix_spawn, system, popen, while other goroutines and threads
// are at work. A child that calls garn instead dies, and says why.
#include "t_self.h"

#include <garn.h>
#include <pthread.h>

enum { MUST = 12, WHATS = MUST + 8 };

static uint32_t stop;
static garn_waitgroup wg;

static void busy(chan(int) c)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		chan_try_send(c, 1);
		garn_sleep(GARN_US(100));
		chan_try_recv(c, NULL);
		garn_yield();
	}
	garn_waitgroup_done(&wg);
}

static int wait_(pid_t pid)
{
	int wstatus;
	CHECK(pid > 0);
	while (waitpid(pid, &wstatus, 0) < 0)
		CHECK_EQ(errno, EINTR);
	return t_status(wstatus);
}

static void good(int id)
{
	pid_t pid;
	char arg0[] = "sh", arg1[] = "-c", arg2[32];
	char *argv[] = { arg0, arg1, arg2, NULL };
	snprintf(arg2, sizeof(arg2), "exit %d", id);

	pid = fork();
	if (pid == 0)
		_exit(id);
	CHECK_EQ(wait_(pid), id);

	pid = fork();
	if (pid == 0) {
		execv("/bin/sh", argv);
		_exit(127);
	}
	CHECK_EQ(wait_(pid), id);

	pid = vfork();
	if (pid == 0) {
		execv("/bin/sh", argv);
		_exit(127);
	}
	CHECK_EQ(wait_(pid), id);

	CHECK_EQ(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ), 0);
	CHECK_EQ(wait_(pid), id);

	CHECK_EQ(t_status(system(arg2)), id);

	char line[32] = "";
	snprintf(arg2, sizeof(arg2), "echo line %d", id);
	FILE *f = popen(arg2, "r");
	CHECK(f != NULL && fgets(line, sizeof(line), f) != NULL);
	CHECK_EQ(pclose(f), 0);
	CHECK_EQ(strncmp(line, arg2 + 5, strlen(arg2) - 5), 0);
	garn_waitgroup_done(&wg);
}

static void nothing(void)
{
}

static void nofn(void *arg)
{
	(void)arg;
}

// One thing of garn, in the child. The first ones would start, wait for or wake something; then those that have nothing
// to wait for, as it happens: they may also come back.
static void callone(chan(int) c, int what)
{
	static garn_mutex mu, locked = { { 1 } };
	static garn_timer t;
	static garn_waitgroup w;
	switch (what) {
	case 0: go(nothing); break;
	case 1: chan_send(c, 1); break;
	case 2: chan_recv(c); break;
	case 3: garn_sleep(GARN_MS(1)); break;
	case 4: chan_select(on_recv(c, NULL), on_timeout(GARN_MS(1))); break;
	case 5: chan_unref(garn_after(GARN_MS(1))); break;
	case 6: garn_timer_start(&t, GARN_MS(1), nofn, NULL); break;
	case 7: garn_mutex_lock(&locked); break;
	case 8:
		garn_waitgroup_add(&w, 1);
		garn_waitgroup_wait(&w);
		break;
	case 9: chan_try_send(c, 1); break;
	case 10: chan_close(c); break;
	case 11: go_with(garn_attr(.name = "n"), nothing); break;
	case MUST: garn_yield(); break;
	case MUST + 1: garn_mutex_lock(&mu); break;
	case MUST + 2: chan_try_recv(c, NULL); break;
	case MUST + 3: garn_goexit();
	case MUST + 4: garn_gomaxprocs(3); break;
	case MUST + 5: garn_lock_os_thread(); break;
	case MUST + 6: garn_mutex_lock(&mu), garn_mutex_unlock(&mu); break;
	case MUST + 7: chan_len(c), garn_now(), garn_goid(), garn_num_goroutines(), garn_gomaxprocs(0); break;
	}
}

static void bad(int what, bool thread)
{
	chan(int) c = chan_make(int, 1);
	char out[4096];
	int fds[2];
	CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(20);
		dup2(fds[1], 2);
		callone(c, what);
		_exit(9);
	}
	CHECK(pid > 0);
	close(fds[1]);
	t_readall(fds[0], out, sizeof(out));
	close(fds[0]);
	int status = wait_(pid);
	if (what < MUST ? strstr(out, "forked child") == NULL : status != 9)
		fprintf(stderr, "case %d%s: status %d, said: %s\n", what, thread ? " on a thread" : "", status, out);
	if (what < MUST || status != 9) {
		CHECK_EQ(status, 2);
		CHECK(strstr(out, "fatal error:") != NULL);
		CHECK(what >= MUST || strstr(out, "forked child") != NULL);
	}
	chan_unref(c);
}

static void *thread(void *arg)
{
	(void)arg;
	bad(1, true); // never seen by garn before the fork
	garn_yield();
	for (int i = 0; i < WHATS; i++)
		bad(i, true);
	garn_waitgroup_done(&wg);
	return NULL;
}

int main(void)
{
	chan(int) c = chan_make(int, 1);
	pthread_t t;
	int n = T_SCALE > 1 ? 2 : 6;
	alarm(200);
	garn_waitgroup_add(&wg, 4 + n);
	for (int i = 0; i < 4; i++)
		go(busy, c);
	for (int i = 1; i <= n; i++)
		go(good, i);
	while (garn_num_goroutines() > 5)
		garn_sleep(GARN_MS(1));
	for (int i = 0; i < WHATS; i++)
		bad(i, false);
	// Some other thread is in the scheduler at the moment of the fork, and holds its lock for ever in the child.
	for (int i = 0; i < T_SCALED(200); i++)
		bad(i % 2 ? MUST + 4 : MUST + 7, false);
	garn_waitgroup_add(&wg, 1);
	CHECK_EQ(pthread_create(&t, NULL, thread, NULL), 0);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	garn_waitgroup_wait(&wg);
	pthread_join(t, NULL);
	chan_unref(c);
	return 0;
}
