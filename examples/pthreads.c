// Goroutines at the service of ordinary threads: a worker pool called from a program's own pthreads.
//
//   ./garn run examples/pthreads.c
//
// A program that has threads already (those of a database, of a user interface, of a library) keeps them. Each
// thread here sends jobs to a pool of goroutines and waits for the answers, over channels, although it runs
// no goroutine itself: channels, mutexes, waitgroups and go() work from any thread.
//
// What to look at: a job carries the channel its answer goes to. A struct is sent as a literal in braces. Where
// goroutines wait, a thread sleeps.
#include <garn.h>

#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, WORKERS = 8, JOBS = 250 };

struct job {
	long n;
	chan(long) reply;
};

// How many steps n takes to come down to 1: halve it if even, else triple it and add one.
static long steps(long n)
{
	long count = 0;
	for (; n > 1; count++)
		n = n % 2 == 0 ? n / 2 : 3 * n + 1;
	return count;
}

// A goroutine of the pool: works until there are no more jobs.
static void worker(chan(struct job) jobs, garn_waitgroup *pool)
{
	struct job j;
	while (chan_recv_ok(jobs, &j))
		chan_send(j.reply, steps(j.n));
	garn_waitgroup_done(pool);
}

struct client {
	chan(struct job) jobs;
	garn_waitgroup *running;
	long first;
	long total;
	uint64_t goid; // 0: this thread runs no goroutine
};

// An ordinary thread: as many jobs in flight as its reply channel holds.
static void *client(void *arg)
{
	struct client *c = arg;
	chan(long) reply = chan_make(long, 10);
	c->goid = garn_goid();
	for (int sent = 0, received = 0; received < JOBS;) {
		while (sent < JOBS && sent - received < 10) {
			chan_send(c->jobs, { .n = c->first + sent, .reply = reply });
			sent++;
		}
		c->total += chan_recv(reply);
		received++;
	}
	chan_unref(reply);
	garn_waitgroup_done(c->running);
	return NULL;
}

int main(void)
{
	chan(struct job) jobs = chan_make(struct job, 16);
	garn_waitgroup pool = {0}, running = {0};
	garn_waitgroup_add(&pool, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		go(worker, jobs, &pool);

	pthread_t thread[THREADS];
	struct client clients[THREADS] = {0};
	garn_waitgroup_add(&running, THREADS);
	for (int i = 0; i < THREADS; i++) {
		clients[i].jobs = jobs;
		clients[i].running = &running;
		clients[i].first = 1 + i * JOBS;
		if (pthread_create(&thread[i], NULL, client, &clients[i]) != 0) {
			perror("pthread_create");
			return 1;
		}
	}

	// The goroutine waits first, so that its thread can run others; then the joins return at once.
	garn_waitgroup_wait(&running);
	long total = 0, expected = 0;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		printf("thread %d, goroutine %d: the numbers from %ld to %ld take %ld steps\n", i,
		       (int)clients[i].goid, clients[i].first, clients[i].first + JOBS - 1, clients[i].total);
		total += clients[i].total;
	}
	chan_close(jobs);
	garn_waitgroup_wait(&pool);
	chan_unref(jobs);

	for (long n = 1; n <= THREADS * JOBS; n++)
		expected += steps(n);
	printf("together %ld: %s\n", total, total == expected ? "right" : "wrong");
	return total == expected ? 0 : 1;
}
