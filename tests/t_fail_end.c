// A thread ends with its tied goroutine while there is no memory to be had at all, not a byte.
// PROCS: 2 8
// SAN: no-address no-thread (they need memory at every turn)
#include "t_sync.h"

#include <sys/resource.h>

static uint32_t hungry;

// Large and small, until nothing is left; each thread has an arena of malloc's of its own.
static void eat(void)
{
	for (size_t n = 1 << 20; n > 0; n /= 2)
		for (void *p; (p = malloc(n)) != NULL;)
			__asm__ volatile("" : : "r"(p) : "memory");
}

// Both wait as threads: garn_sleep and the like may want memory of their own.
static void tied(chan(int) tell)
{
	garn_lock_os_thread();
	chan_send(tell, (int)syscall(SYS_gettid));
	while (!GET(hungry))
		usleep(100);
	eat();
}

static bool exists(int tid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/self/task/%d", tid);
	return access(path, F_OK) == 0;
}

int main(void)
{
	struct rlimit old;
	chan(int) tell = chan_make(int, 0);
	garn_lock_os_thread(); // so the other has another thread
	go(tied, tell);
	int tid = chan_recv(tell);
	CHECK(tid != getpid());
	CHECK_EQ(getrlimit(RLIMIT_AS, &old), 0);
	CHECK_EQ(setrlimit(RLIMIT_AS, &(struct rlimit){ 1 << 20, old.rlim_max }), 0);
	eat();
	SET(hungry, 1);
	while (exists(tid))
		usleep(100);
	CHECK_EQ(setrlimit(RLIMIT_AS, &old), 0);
	chan_unref(tell);
	return 0;
}
