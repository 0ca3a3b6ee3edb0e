/* The ways to die. Each prints one line that says what happened, the trace of the goroutine at fault, and
 * ends the process with status 2. Runs on any stack. */
#ifndef CORE_THROW_H
#define CORE_THROW_H

#include "core/runtime.h"

/* A broken invariant of the runtime itself. "fatal error: garn: ..." */
__attribute__((noreturn)) void throw(const char *msg);
/* An error of the program. "fatal error: MSG" */
__attribute__((noreturn)) void fatal(const char *msg);
/* The same, with Go's word: "panic: MSG" */
__attribute__((noreturn)) void panic(const char *msg);
/* The environment refused: "fatal error: WHAT: <reason of err>", then one line of advice. */
__attribute__((noreturn)) void fatal_os(const char *what, int err, const char *advice);
/* The same without traces, as these would want what the caller holds. */
__attribute__((noreturn)) void fatal_os_bare(const char *what, int err, const char *advice);
/* A variable of the environment makes no sense: "fatal error: NAME: want WANT, not "VALUE"". */
__attribute__((noreturn)) void fatal_env(const char *name, const char *value, const char *want);
/* For its advice: what makes the kernel refuse memory, and threads. */
#define MEMORY_LIMITS "ulimit -v (RLIMIT_AS), ulimit -d (RLIMIT_DATA), vm.max_map_count, vm.overcommit_memory"
#define THREAD_LIMITS "ulimit -u (RLIMIT_NPROC), the cgroup's pids.max, kernel.threads-max, ulimit -v (RLIMIT_AS)"
/* For messages made of parts: print them with base/print.h first, then this, which adds the trace and ends. */
__attribute__((noreturn)) void die(struct g *at);
/* Take the right to print the last words; others that die meanwhile wait for ever. */
void startdying(void);
/* If somebody is at his last words, leave him the end: for main, when it returns. */
void letdie(void);

#ifdef GARN_CHECK
#define assert_rt(c) ((c) ? (void)0 : throw("assertion failed: " #c))
#else
#define assert_rt(c) ((void)0)
#endif

#endif
