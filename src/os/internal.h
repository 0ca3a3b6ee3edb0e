/* What the files of os/ tell one another, and what their tests look at. */
#ifndef OS_INTERNAL_H
#define OS_INTERNAL_H

#include "base/base.h"
#include <signal.h>

/* As the process started: recorded in osinit, given to every new thread. */
struct startstate {
	sigset_t mask;
	int policy;   /* SCHED_OTHER, SCHED_FIFO, SCHED_RR; -1 for another: then inherited */
	int priority;
	size_t tls;   /* bytes of a thread's stack that its thread-local storage may take */
	bool execstack; /* I: the program wants stacks it can execute code on */
	bool known;
};
extern struct startstate startstate;

/* Record the start state. Runs on: the first thread, in osinit. */
void threadinit(void);
/* Read the text of GARN_FAIL; null or empty: nothing fails. False when it makes no sense. Runs on: any, alone. */
bool failinit(const char *spec);

/* What is mapped without access becomes stacks. False: refused. Runs on: any. */
bool open_stacks(void *p, size_t n);

/* Read all of a small file into buf, closed with a zero. Its length, or -1. Runs on: any. */
long readfile(const char *path, char *buf, size_t size);

/* The cgroup of the text of /proc/self/cgroup that has the CPU quota: v1's cpu controller before v2's tree. Fills path
 * and returns 1 or 2, or 0 for none. Runs on: any. */
int cgroup_path(const char *procself, char *path, size_t size);
/* Where the directory of that cgroup is mounted, by the text of /proc/self/mountinfo. False for nowhere. Runs on: any. */
bool cgroup_dir(const char *mountinfo, int version, const char *path, char *dir, size_t size);
/* CPUs for the text of cpu.max (v2), rounded up; 0 for no limit. Runs on: any. */
int cgroup_v2_cpus(const char *cpumax);
/* The same for cpu.cfs_quota_us and cpu.cfs_period_us (v1). Runs on: any. */
int cgroup_v1_cpus(const char *quota, const char *period);
/* os_cgroup_limit with a folder put before each name: "" or a test's. Runs on: any. */
int cgroup_limit_under(const char *root);

#endif
